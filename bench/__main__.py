"""``python -m bench NAME [--json]``: measure one benchmark, or ``all``."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

import msgspec

from bench.scoreboard import Row, machine, markdown, show

NAMES = (
    "service",
    "overload",
    "console",
    "ingest",
    "collectors",
    "content",
    "exposures",
    "leaks",
    "behaviour",
    "ledger",
    "materials",
    "response",
    "rulebook",
    "rules",
    "trends",
)


def main() -> int:
    """Run the benchmarks named on the command line; exit 1 if a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=[*NAMES, "all"])
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the page of docs")
    arguments = parser.parse_args()
    results: dict[str, list[Row]] = {}
    for name in NAMES if arguments.name == "all" else [arguments.name]:
        results[name] = importlib.import_module(f"bench.{name}").measure()
        if not arguments.json:
            show(name, results[name])
    if arguments.json:
        sys.stdout.buffer.write(msgspec.json.encode({"machine": machine(), "results": results}) + b"\n")
    if arguments.write:
        arguments.write.write_text(markdown(results), encoding="utf-8")
    return 0 if all(row.met is not False for rows in results.values() for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
