"""An index of synthetic vectors, and the same vectors for numpy.
Usage: index_file.py INDEX.db VECTORS.npy COUNT

INDEX.db is an empty index that Luthier made; it gets a document of one word for each vector."""
import sqlite3
import sys

import numpy as np

path, target, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
size = 384
vectors = np.lib.format.open_memmap(target, mode="w+", dtype=np.float32, shape=(count, size))
random = np.random.default_rng(7)
database = sqlite3.connect(path)
database.execute("PRAGMA synchronous = OFF")
for start in range(0, count, 20_000):
    some = random.standard_normal((min(20_000, count - start), size), dtype=np.float32)
    some /= np.linalg.norm(some, axis=1, keepdims=True)
    vectors[start:start + len(some)] = some
    numbers = range(start + 1, start + 1 + len(some))
    database.executemany("INSERT INTO documents VALUES (?, ?, '', '{}', 1, 1, 1, 200, 40, 0, NULL, 1)",
                         ((n, f"{n:x}") for n in numbers))
    database.executemany("INSERT INTO sources VALUES (?, ?)", ((f"d{n:07d}", n) for n in numbers))
    database.executemany("INSERT INTO chunks VALUES (?, 0, 1, 1, '', 'a')", ((n << 24,) for n in numbers))
    database.executemany("INSERT INTO vectors VALUES (?, 1, ?)",
                         ((n << 24, row.tobytes()) for n, row in zip(numbers, some)))
    database.commit()
database.execute("INSERT INTO facts VALUES ('changes', '1') ON CONFLICT (name) DO UPDATE SET value = value + 1")
database.commit()
database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
database.close()
vectors.flush()
