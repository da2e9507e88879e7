"""Run by an environment of its own, which has pymerkle (GPL) and none of our code: prints entries a second as JSON."""

import json
import random
import sys
import tempfile
import time

from pymerkle import InmemoryTree, SqliteTree

COUNT, BYTES = int(sys.argv[1]), int(sys.argv[2])
chance = random.Random(1)
entries = [chance.randbytes(BYTES) for _ in range(COUNT)]

start = time.perf_counter()
memory = InmemoryTree(algorithm="sha256")
for entry in entries:
    memory.append_entry(entry)
in_memory = COUNT / (time.perf_counter() - start)

with tempfile.TemporaryDirectory(dir=sys.argv[3]) as folder:
    start = time.perf_counter()
    with SqliteTree(f"{folder}/peer.db", algorithm="sha256") as database:
        database.append_entries(entries, chunksize=10_000)
    in_bulk = COUNT / (time.perf_counter() - start)

print(json.dumps({"memory": in_memory, "bulk": in_bulk}))
