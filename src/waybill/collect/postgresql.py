"""What a line of PostgreSQL's CSV log says of a statement, its object and its rows, without the data in it.

The message column holds, as text, what pgAudit and ``log_statement`` tell. `read` gives ``class``, ``command``,
``object_type``, ``object``, ``statement`` and ``rows`` as fields, ``target`` where COPY writes a file, and ``event``
where the message is about a connection. Statements keep their shape; texts and numbers in
them, parameters, and the rows that error messages quote are data of those the database is about, and are left out.

Formats: https://www.postgresql.org/docs/current/runtime-config-logging.html and https://github.com/pgaudit/pgaudit.
"""

from __future__ import annotations

import csv
import re
from typing import Any

from waybill.collect.masking import MASK, without_literals

Record = dict[str, Any]

ZONES = {
    "UTC": "Z", "GMT": "Z", "WET": "Z", "CET": "+01:00", "BST": "+01:00", "CEST": "+02:00", "EET": "+02:00",
    "EEST": "+03:00", "MSK": "+03:00", "CST": "+08:00", "HKT": "+08:00", "SGT": "+08:00", "JST": "+09:00",
    "KST": "+09:00", "AEST": "+10:00", "EST": "-05:00", "EDT": "-04:00", "MST": "-07:00", "MDT": "-06:00",
    "PST": "-08:00", "PDT": "-07:00",
}  # fmt: skip
"""What the abbreviations of ``log_timezone`` mean; CST is that of China."""

_AUDIT = ("audit_type", "statement_id", "substatement_id", "class", "command", "object_type", "object", "statement")
"""The parts of an audit line of pgAudit, before its parameters and rows."""

_STATEMENT = re.compile(
    r"(?s)(?:duration: [\d.]++ ms  )?(?:statement|(?:execute|parse|bind|fetch from) [^:]++): (?P<statement>.*+)"
)
_OBJECT = re.compile(
    r"(?i)\b(?:from|into|update|copy|table|view|only)\s++((?:\"[^\"]++\"|[a-z_][\w$]*+)(?:\.(?:\"[^\"]++\"|[\w$]++))?)"
)
_TARGET = re.compile(r"(?is)\s*+copy\b[^']*\bto\s++(?:program\s++)?'([^']++)'")
_EVENT = re.compile(r"connection (?:received|authenticated|authorized)|disconnection")
_KEYWORDS = frozenset(("select", "if", "only", "lateral", "unnest", "generate_series", "stdin", "stdout"))
_QUOTED_ROW = re.compile(r"(?s)(=|contains )\(.*")
_QUOTED_VALUE = re.compile(r"(?s)((?:invalid|malformed|out of range|line \d++)[^:]*+: )\".*")


def read(record: Record) -> Record:
    """Return the record with what its message says as fields, and without data; the same object."""
    message = record.get("message", "")
    if message.startswith("AUDIT: "):
        _read_audit(record, message.removeprefix("AUDIT: "))
    elif (found := _STATEMENT.fullmatch(message)) is not None:
        statement = without_literals(found["statement"])
        record["statement"] = statement
        record["message"] = message[: found.start("statement")] + statement
        _name_object(record, statement)
    elif message:
        if (event := _EVENT.match(message)) is not None:
            record["event"] = event[0]
        record["message"] = _QUOTED_VALUE.sub(rf"\1{MASK}", message)
    for name in ("query", "internal_query", "context"):
        if name in record:
            record[name] = _QUOTED_VALUE.sub(rf"\1{MASK}", without_literals(record[name]))
    if "detail" in record:
        record["detail"] = _detail(record["detail"])
    if (target := _TARGET.match(record.get("statement", ""))) is not None:
        record["target"] = target[1]
    moment, _, zone = record.get("log_time", "").rpartition(" ")
    record["time"] = moment + ZONES.get(zone, f" {zone}")
    return record


def _read_audit(record: Record, line: str) -> None:
    try:
        cells = next(csv.reader([line.replace("\n", " ")], strict=True), [])
    except csv.Error:
        cells = line.split(",", len(_AUDIT) - 1)
    cells = [*cells, *[""] * (len(_AUDIT) - len(cells))]
    told = dict(zip(_AUDIT, cells, strict=False))
    told["statement"] = without_literals(told["statement"])
    rest = cells[len(_AUDIT) :]
    if rest and rest[-1].isdecimal() and len(rest) > 1:
        told["rows"] = rest[-1]
    record.update({name: value for name, value in told.items() if value})
    record["message"] = "AUDIT: " + ",".join(told[name] for name in _AUDIT)


def _name_object(record: Record, statement: str) -> None:
    """Name the first object of a statement that only ``log_statement`` tells of."""
    for found in _OBJECT.finditer(statement):
        name = found[1].replace('"', "")
        if name.lower() not in _KEYWORDS:
            record["object"] = name
            return


def _detail(detail: str) -> str:
    if detail.lower().startswith(("parameters:", "prepare:")):
        return detail.partition(":")[0] + f": {MASK}"
    return _QUOTED_ROW.sub(rf"\1({MASK})", detail)
