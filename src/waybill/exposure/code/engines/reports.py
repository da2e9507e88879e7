"""What engines write: SARIF 2.1.0, and the JSON of two that write none. It is read as anybody's input."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from waybill.exposure.code.engines.known import Engine
from waybill.exposure.folders import shown
from waybill.exposure.snapshots import NotInspected
from waybill.model.words import Severity


class Result(msgspec.Struct, frozen=True, order=True):
    """Something that an engine found."""

    file: str
    line: int
    rule: str
    says: str
    """Its message; empty where that may hold a secret."""
    severity: Severity


_LEVELS = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "note": Severity.LOW,
    "none": Severity.INFORMATIONAL,
    "HIGH": Severity.HIGH,
    "MEDIUM": Severity.MEDIUM,
    "LOW": Severity.LOW,
}


def results_of(content: bytes, engine: Engine, root: Path) -> list[Result]:
    """Return what a report tells, in order. Raises ``NotInspected`` where it is none."""
    try:
        document = msgspec.json.decode(content)
        return sorted(
            set(_READERS[engine.form](document, engine, root)), key=lambda one: (one.file, one.line, one.rule)
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise NotInspected(engine.name, f"what it wrote is no report ({engine.form})") from None


def _sarif(document: Any, engine: Engine, root: Path) -> Iterator[Result]:
    for run in document["runs"]:
        if any(one.get("executionSuccessful") is False for one in run.get("invocations") or ()):
            raise NotInspected(engine.name, "it says itself that it did not finish")
        for one in run.get("results") or ():
            physical = (one.get("locations") or [{}])[0].get("physicalLocation", {})
            address = str(physical.get("artifactLocation", {}).get("uri", ""))
            path = unquote(urlsplit(address).path if address.startswith("file:") else address)
            yield Result(
                _file(path, root),
                int(physical.get("region", {}).get("startLine", 0)),
                str(one.get("ruleId") or one.get("rule", {}).get("id", "?"))[:200],
                "" if engine.keeps_secrets else _line(str(one["message"].get("text", ""))),
                _LEVELS.get(one.get("level", "warning"), Severity.MEDIUM),
            )


def _bandit(document: Any, engine: Engine, root: Path) -> Iterator[Result]:
    for one in document["results"]:
        yield Result(
            _file(one["filename"], root),
            int(one["line_number"]),
            str(one["test_id"]),
            _line(str(one["issue_text"])),
            _LEVELS.get(one["issue_severity"], Severity.MEDIUM),
        )


def _yara(document: Any, engine: Engine, root: Path) -> Iterator[Result]:
    for one in document["matches"]:
        yield Result(_file(one["file"], root), 0, str(one["rule"])[:200], "", Severity.HIGH)


_READERS = {"sarif": _sarif, "bandit": _bandit, "yara": _yara}


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def _file(path: str, root: Path) -> str:
    """Return the name of a file relative to the root, however the engine wrote it."""
    full = Path(path)
    return shown(full.relative_to(root).as_posix() if full.is_relative_to(root) else str(path))
