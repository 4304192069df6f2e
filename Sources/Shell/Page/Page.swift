import Language

/// A script as one self-contained HTML page: prose, code, outputs and pictures, with a table of contents.
struct Page {
  /// The first line of each, by which a file is known as one.
  static let beginning = "<!DOCTYPE html>"

  /// What stands below one another in a section.
  enum Part {
    /// Comment lines without their mark.
    case prose([String])
    case code(String)
    case output([StyledText])
    /// An SVG picture that Luthier drew.
    case picture(String)
  }

  struct Section {
    var title: String
    var parts: [Part]
  }

  var title: String
  /// How it was made: version, seed, day.
  var note: String
  var sections: [Section]

  /// The whole page. Nothing is loaded from elsewhere.
  var html: String {
    var used: [String: Int] = [:]
    let anchors: [String] = sections.map { section in
      let name = HTML.anchor(section.title)
      used[name, default: 0] += 1
      let count = used[name] ?? 1
      return count == 1 ? name : "\(name)-\(count)"
    }
    var body = "<header>\n<h1>\(HTML.escaped(title))</h1>\n<p class=\"note\">\(HTML.escaped(note))</p>\n</header>\n"
    let titled = zip(sections, anchors).filter { !$0.0.title.isEmpty }
    if titled.count > 1 {
      body += "<nav aria-label=\"Contents\">\n<ol>\n"
      for (section, anchor) in titled {
        body += "<li><a href=\"#\(anchor)\">\(HTML.escaped(section.title))</a></li>\n"
      }
      body += "</ol>\n</nav>\n"
    }
    body += "<main>\n"
    for (section, anchor) in zip(sections, anchors) {
      body += "<section id=\"\(anchor)\">\n"
      if !section.title.isEmpty { body += "<h2>\(HTML.escaped(section.title))</h2>\n" }
      body += section.parts.map(Self.html).joined()
      body += "</section>\n"
    }
    body += "</main>\n"
    return """
      \(Self.beginning)
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="generator" content="Luthier">
      <title>\(HTML.escaped(title))</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      \(body)</body>
      </html>

      """
  }

  private static func html(_ part: Part) -> String {
    switch part {
    case .prose(let lines): "<div class=\"prose\">\n\(Markdown(lines).html)</div>\n"
    case .code(let source): "<pre class=\"code\"><code>\(HTML.output(SourceHighlight.lines(source)))</code></pre>\n"
    case .output(let lines): "<pre class=\"output\">\(HTML.output(lines))</pre>\n"
    case .picture(let svg): "<figure>\n\(svg)\n</figure>\n"
    }
  }

  private static let style = """
    :root { --ink: #1c1b19; --faint: #6d6a64; --paper: #fffefb; --line: #ddd8cd; --wood: #8a4b1f; --code: #f6f2ea; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e9e5dc; --faint: #a09a8e; --paper: #1b1a18; --line: #3b3831; --wood: #d99a63; --code: #262420; }
      figure { background: #fffefb; border-radius: 4px; }
    }
    * { box-sizing: border-box; }
    body { color: var(--ink); background: var(--paper); font: 17px/1.55 Georgia, "Times New Roman", serif;
      max-width: 46rem; margin: 0 auto; padding: 2rem 1.2rem 4rem; }
    h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
    h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
    h3, h4, h5, h6 { font-size: 1.05rem; margin: 1.2rem 0 .4rem; }
    .note { color: var(--faint); font-size: .85rem; margin: 0; }
    header { border-bottom: 3px double var(--line); padding-bottom: .8rem; }
    nav { margin: 1rem 0 0; }
    nav ol { columns: 2; column-gap: 2.5rem; padding-left: 1.3rem; margin: 0; font-size: .92rem; }
    nav li { break-inside: avoid; }
    section:first-child > h2 { border-top: none; }
    .prose p { hyphens: auto; }
    a { color: var(--wood); }
    pre { font: 13.5px/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; overflow-x: auto;
      margin: .6rem 0; padding: .6rem .8rem; white-space: pre; }
    pre.code, pre.sample { background: var(--code); border-radius: 4px; margin-top: 1.1rem; }
    pre.output { border-left: 3px solid var(--line); padding: .1rem .8rem; margin-left: .2rem; }
    code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .88em; }
    pre code { font-size: 1em; }
    figure { margin: .8rem 0; padding: .4rem; text-align: center; }
    figure svg { max-width: 100%; height: auto; }
    blockquote { margin: .6rem 0; padding-left: 1rem; border-left: 3px solid var(--wood); color: var(--faint); }
    .heading { font-weight: bold; } .faint, .comment { color: var(--faint); } .accent { color: var(--wood); }
    .keyword { color: #8b2c8b; } .string { color: #3a7027; } .number { color: #1f5f99; } .name { color: #1d6b73; }
    .good { color: #3a7027; } .warning { color: #a56a00; } .error { color: #b3261e; font-weight: bold; }
    @media (prefers-color-scheme: dark) {
      .keyword { color: #d69be0; } .string { color: #a5cf8b; } .number { color: #8fc1ee; } .name { color: #86cbd3; }
      .good { color: #a5cf8b; } .warning { color: #e3b55b; } .error { color: #f2938c; }
    }
    @page { margin: 18mm 16mm; }
    @media print {
      body { max-width: none; padding: 0; font-size: 10.5pt; background: none; color: #000; }
      pre { white-space: pre-wrap; font-size: 8.5pt; break-inside: avoid; } figure, h2 { break-inside: avoid; }
      pre.code { border: 1px solid #ccc; background: none; } pre.code, h2, h3 { break-after: avoid; }
      figure svg { max-width: 12cm; } h1 { font-size: 18pt; } h2 { font-size: 13pt; }
      a { color: inherit; text-decoration: none; }
    }
    """
}
