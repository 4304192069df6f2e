"""Charts as SVG without any library."""
from xml.sax.saxutils import escape

WIDTH, LEFT, ROW = 900, 430, 22


def bars(path, title, rows):
    """Ratios as bars, with a tick where each should be; rows are (name, ratio, asked)."""
    rows = [row for row in rows if row[1]]
    most = max([max(ratio, asked or 0) for _, ratio, asked in rows] + [1])
    scale = (WIDTH - LEFT - 70) / most
    height = ROW * len(rows) + 60
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" '
             f'font-size="12"><rect width="100%" height="100%" fill="white"/>'
             f'<text x="10" y="22" font-size="15">{escape(title)}</text>']
    for place, (name, ratio, asked) in enumerate(rows):
        y = 40 + place * ROW
        reached = asked is None or ratio >= asked
        parts.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>'
                     f'<rect x="{LEFT}" y="{y}" width="{max(ratio * scale, 1):.1f}" height="15" '
                     f'fill="{"#4477aa" if reached else "#bbbbbb"}"/>'
                     f'<text x="{LEFT + ratio * scale + 5:.1f}" y="{y + 12}">{ratio:.2f}</text>')
        if asked:
            x = LEFT + asked * scale
            parts.append(f'<line x1="{x:.1f}" y1="{y - 2}" x2="{x:.1f}" y2="{y + 17}" stroke="#cc3311" stroke-width="2"/>')
    parts.append(f'<text x="{LEFT}" y="{height - 6}" fill="#555">times the peer; red: asked</text></svg>')
    with open(path, "w") as file:
        file.write("\n".join(parts))


def lines(path, title, axis, points):
    """Seconds and megabytes by size, each from zero; points are (size, seconds, megabytes)."""
    width, height, left, bottom = 560, 320, 60, 270
    most = [max(point[place] for point in points) or 1 for place in range(3)]
    def at(size, value, place):
        return left + (width - left - 70) * size / most[0], bottom - 210 * value / most[place]
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
             f'font-size="12"><rect width="100%" height="100%" fill="white"/>'
             f'<text x="10" y="22" font-size="15">{escape(title)}</text>'
             f'<line x1="{left}" y1="{bottom}" x2="{width - 60}" y2="{bottom}" stroke="#555"/>'
             f'<line x1="{left}" y1="50" x2="{left}" y2="{bottom}" stroke="#555"/>'
             f'<text x="{width - 60}" y="{bottom + 34}" text-anchor="end">{escape(axis)}</text>']
    for place, name, colour in ((1, "seconds", "#4477aa"), (2, "MB", "#ee7733")):
        spots = [at(point[0], point[place], place) for point in points]
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
                     + " ".join(f"{x:.1f},{y:.1f}" for x, y in spots) + '"/>')
        for (x, y), point in zip(spots, points):
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
        x, y = spots[-1]
        parts.append(f'<text x="{x + 6:.1f}" y="{y + 4 + 14 * (place - 1):.1f}" fill="{colour}">'
                     f'{points[-1][place]:,.1f} {name}</text>')
    for point in points:
        x, _ = at(point[0], 0, 1)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{point[0]}</text>')
    parts.append("</svg>")
    with open(path, "w") as file:
        file.write("\n".join(parts))
