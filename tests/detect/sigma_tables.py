"""Builds tables of transfers and folders of rules for the tests of the Sigma detector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson
import pyarrow as pa
import yaml

from waybill.detect.sigma import SigmaDetector
from waybill.model.findings import Finding
from waybill.model.protocols import Tables
from waybill.model.transfers import SCHEMA, SEPARATOR

DAY = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def transfer(number: int, fields: Mapping[str, str | None] | None = None, **columns: Any) -> dict[str, Any]:
    """Return one row; ``number`` gives its id and position, ``columns`` override the defaults."""
    row = {
        "time": DAY,
        "recorded_at": DAY,
        "sequence": 1,
        "id": number.to_bytes(16, "big"),
        "source": "sample",
        "logsource": "windows/process_creation/sysmon",
        "action": "execute",
        "outcome": "success",
        "channel": "host",
        "origin": "sample.ndjson",
        "position": number,
        "fields": list((fields or {}).items()),
        "raw": orjson.dumps(fields) if fields else None,
    }
    return {**dict.fromkeys(SCHEMA.names), **row, **columns}


def table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return rows as a table of the model's schema."""
    rows = list(rows)
    return pa.table([pa.array([row[field.name] for row in rows], field.type) for field in SCHEMA], schema=SCHEMA)


def events(*fields: Mapping[str, Any], **columns: Any) -> pa.Table:
    """Return a table with a row for each event; a list is a field of several values."""
    return table(transfer(number, _joined(event), **columns) for number, event in enumerate(fields, start=1))


def _joined(event: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: SEPARATOR.join(value) if isinstance(value, list) else value for name, value in event.items()}


def rule(
    detection: Mapping[str, Any], title: str = "Sample", logsource: Mapping[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    """Return a rule as a document; a detection without a condition gets one over ``selection``."""
    logsource = logsource or {"product": "windows", "category": "process_creation"}
    identity = str(uuid5(NAMESPACE_URL, title))
    return {
        "title": title,
        "id": identity,
        "logsource": dict(logsource),
        "detection": {"condition": "selection", **detection},
        "level": "medium",
        **more,
    }


def write(folder: Path, *rules: Mapping[str, Any]) -> Path:
    """Write each rule to a file of its own below ``folder``."""
    folder.mkdir(exist_ok=True)
    for number, document in enumerate(rules):
        text = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True)
        (folder / f"rule_{number:03}.yml").write_text(text, encoding="utf-8")
    return folder


def detector(folder: Path, *rules: Mapping[str, Any], **options: Any) -> SigmaDetector:
    """Return a detector for these rules only."""
    return SigmaDetector([write(folder, *rules)], own=False, **options)


def findings(made: SigmaDetector, transfers: pa.Table) -> list[Finding]:
    """Run a detector over the columns it asks for, plain and with dictionary-encoded fields."""
    given = transfers.select(list(made.columns))
    found = made.run(Tables(given), {}).findings
    if "fields" in given.column_names:
        place = given.column_names.index("fields")
        assert made.run(Tables(given.set_column(place, "fields", encoded(given["fields"]))), {}).findings == found
    return found


def encoded(fields: pa.ChunkedArray) -> pa.Array:
    """Return maps whose names and texts are dictionary-encoded."""
    maps = pa.array(fields.to_pylist(), SCHEMA.field("fields").type)
    keys, items = maps.keys.dictionary_encode(), maps.items.dictionary_encode()
    return pa.MapArray.from_arrays(maps.offsets, keys, items, mask=maps.is_null() if maps.null_count else None)


def hits(folder: Path, selection: Any, transfers: pa.Table, **options: Any) -> list[int]:
    """Return the positions of the rows for which a rule with this one selection holds."""
    made = detector(folder, rule({"selection": selection}), **options)
    assert not made.rules.problems, made.rules.problems
    return positions(findings(made, transfers))


def positions(found: Sequence[Finding]) -> list[int]:
    """Return the positions of all evidence, sorted."""
    return sorted(int(identity, 16) for finding in found for identity in finding.transfers)
