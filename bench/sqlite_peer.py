"""Run by an environment of its own, which has pysigma-backend-sqlite and none of our code: prints seconds as JSON.

As engines built on it do: every event becomes a row of a table with a column for each field, every rule a query.
Seconds are of processor time for parsing, loading and matching the given events.
"""

import json
import sqlite3
import sys
import time
from pathlib import Path

from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection

MOST_COLUMNS = 1_900
"""SQLite allows 2,000 columns."""

events_file, *folders = sys.argv[1:]

begun = time.process_time()
collection = SigmaCollection.load_ruleset(folders, collect_errors=True)
backend = sqliteBackend(collect_errors=True)
queries = []
for rule in collection.rules:
    try:
        queries += [query.replace("<TABLE_NAME>", "logs") for query in backend.convert_rule(rule)]
    except Exception as error:  # noqa: BLE001  # what it cannot convert it does not run
        print(error, file=sys.stderr)
compiled = time.process_time() - begun

lines = Path(events_file).read_bytes().splitlines()
begun = time.process_time()
events = [json.loads(line) for line in lines]
parsed = time.process_time() - begun

begun = time.process_time()
fields = {}
for event in events:
    for name in event:
        fields.setdefault(name.lower(), name)
names = list(fields.values())[:MOST_COLUMNS]
database = sqlite3.connect(":memory:")
columns = ", ".join(f'"{name}" TEXT COLLATE NOCASE' for name in names)
database.execute(f"CREATE TABLE logs ({columns})")
marks = ", ".join("?" * len(names))
rows = [[None if event.get(name) is None else str(event[name]) for name in names] for event in events]
database.executemany(f"INSERT INTO logs VALUES ({marks})", rows)
loaded = time.process_time() - begun

begun = time.process_time()
ran = failed = hits = 0
for query in queries:
    try:
        hits += len(database.execute(query).fetchall())
        ran += 1
    except sqlite3.Error:
        failed += 1
matched = time.process_time() - begun

print(
    json.dumps(
        {
            "events": len(events), "queries": ran, "failed": failed, "hits": hits,
            "compile": compiled, "parse": parsed, "load": loaded, "match": matched,
        }
    )
)  # fmt: skip
