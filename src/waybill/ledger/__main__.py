"""``python -m waybill.ledger verify PLACE | check FILE``: for those who check and have nothing but ``cryptography``.

Exits 0 if all is as it was signed, 3 if a proof does not hold or a file cannot be read, 4 if a log is damaged.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from waybill.ledger.disclosure import Disclosure
from waybill.ledger.policy import Policy
from waybill.ledger.source import open_source
from waybill.ledger.verify import verify
from waybill.model.errors import DamagedError, InputError, WaybillError


def main(arguments: list[str] | None = None) -> int:
    """Check what the arguments name and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m waybill.ledger", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (("verify", "a log, in a folder or under an address"), ("check", "a disclosure")):
        command = commands.add_parser(name, help=what)
        command.add_argument("place", help=what)
        command.add_argument("--policy", type=Path, required=True, help="which logs and witnesses to believe")
    asked = parser.parse_args(arguments)
    try:
        policy = Policy.parse(_read(asked.policy), str(asked.policy))
        return _verify(asked.place, policy) if asked.command == "verify" else _check(Path(asked.place), policy)
    except WaybillError as error:
        sys.stderr.write(error.diagnostics() + "\n")
        return error.exit_code


def _verify(place: str, policy: Policy) -> int:
    found = verify(open_source(place), policy)
    for fault in found.faults:
        sys.stdout.write(f"{fault}\n")
    if found.faults:
        return DamagedError.exit_code
    size = found.checkpoint.size if found.checkpoint else 0
    sys.stdout.write(f"{size} entries are as they were signed; cosigned by: {_names(found.witnesses)}\n")
    return 0


def _check(file: Path, policy: Policy) -> int:
    disclosure = Disclosure.parse(_read(file))
    witnessed = disclosure.check(policy)
    shown = {"kind": disclosure.kind, **{name: group.value for name, group in disclosure.groups.items()}}
    sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2) + "\n")
    where = f"entry {disclosure.proof.index} of {witnessed.checkpoint.origin}"
    sys.stdout.write(f"recorded as {where}; cosigned by: {_names(witnessed.witnesses)}\n")
    return 0


def _names(witnesses: Iterable[str]) -> str:
    return ", ".join(sorted(witnesses)) or "nobody"


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=str(file)) from None


if __name__ == "__main__":
    sys.exit(main())
