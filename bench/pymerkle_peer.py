"""Run by an environment of its own, which has pymerkle (GPL) and none of our code: prints entries a second as JSON.

``work`` is entries a second of processor time in memory.
"""

import json
import random
import sys
import tempfile
import time

from pymerkle import InmemoryTree, SqliteTree

COUNT, BYTES = int(sys.argv[1]), int(sys.argv[2])
chance = random.Random(1)
entries = [chance.randbytes(BYTES) for _ in range(COUNT)]

start, work = time.perf_counter(), time.process_time()
memory = InmemoryTree(algorithm="sha256")
for entry in entries:
    memory.append_entry(entry)
in_memory, by_work = COUNT / (time.perf_counter() - start), COUNT / (time.process_time() - work)

with tempfile.TemporaryDirectory(dir=sys.argv[3]) as folder:
    start = time.perf_counter()
    with SqliteTree(f"{folder}/peer.db", algorithm="sha256") as database:
        database.append_entries(entries, chunksize=10_000)
    in_bulk = COUNT / (time.perf_counter() - start)

print(json.dumps({"memory": in_memory, "work": by_work, "bulk": in_bulk}))
