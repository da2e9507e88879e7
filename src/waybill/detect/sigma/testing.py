"""Tests that a rule's own file brings: records on which it fires, and records on which it must not.

::

    tests:
      fires:
        - {Image: 'C:\\t\\rclone.exe', CommandLine: rclone copy D:\\designs mega:x}
      silent:
        - {because: to the own server, Image: 'C:\\t\\rclone.exe', CommandLine: rclone copy D:\\designs own:x}

A test of a correlation is a list of records with their times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa

from waybill.detect.sigma.rules import Rule, RuleSet, RuleTest
from waybill.model.protocols import Detector, Tables
from waybill.model.transfers import NAMES, SCHEMA, SEPARATOR, TIME
from waybill.model.words import Action, Channel, Outcome

_MOMENT = datetime(2026, 1, 1, 12, tzinfo=UTC)
_WORDS = ("fires", "silent")


class RuleTestResult(msgspec.Struct, frozen=True):
    """What became of one test."""

    rule: Rule
    number: int
    """Among the rule's tests, from 1."""
    test: RuleTest
    fired: bool

    @property
    def passed(self) -> bool:
        """Whether the rule did what the test says."""
        return self.fired is self.test.fires


def tests_of(content: Any) -> tuple[RuleTest, ...]:
    """Read the tests of a rule's file; raises ValueError where they are not as they should be."""
    if content is None:
        return ()
    if not isinstance(content, dict) or set(content) - set(_WORDS):
        raise ValueError("'tests' may have the keys 'fires' and 'silent'")
    return tuple(_test(word == "fires", one) for word in _WORDS for one in content.get(word) or ())


def _test(fires: bool, content: Any) -> RuleTest:
    records = content if isinstance(content, list) else [content]
    if not records or not all(isinstance(record, dict) for record in records):
        raise ValueError("a test is a record, or a list of records: maps of fields to values")
    because = next((str(record["because"]) for record in records if "because" in record), "")
    return RuleTest(fires, tuple({k: v for k, v in record.items() if k != "because"} for record in records), because)


def run_tests(rules: RuleSet, detectors: Sequence[Detector]) -> Iterator[RuleTestResult]:
    """Run the tests of all rules by the given detectors, which have read these rules."""
    by_id = {rule.id: rule for rule in rules.rules}
    for rule in rules.rules:
        for number, test in enumerate(rule.tests, start=1):
            table = table_of(test, _logsource(rule, by_id))
            yield RuleTestResult(rule, number, test, any(rule.id in _said(detector, table) for detector in detectors))


def _said(detector: Detector, table: pa.Table) -> set[str]:
    """Return the ids of the rules that fire on a table, with what is told at the end of a run."""
    columns = list(detector.columns)
    first = detector.run(Tables(table.select(columns)), {})
    last = detector.run(Tables(table.select(columns).slice(0, 0)), first.state)
    return {finding.rule_id for result in (first, last) for finding in result.findings}


def _logsource(rule: Rule, by_id: Mapping[str, Rule]) -> str:
    """Return the log source of a rule's records; of a correlation, that of its first rule."""
    while rule.correlation is not None:
        rule = by_id[rule.asked.rules[0]]
    return str(rule.logsource)


def table_of(test: RuleTest, logsource: str) -> pa.Table:
    """Return the records of a test as transfers of a log source."""
    rows = [_row(number, record, logsource) for number, record in enumerate(test.records, start=1)]
    return pa.table([pa.array([row[field.name] for row in rows], field.type) for field in SCHEMA], schema=SCHEMA)


def _row(number: int, record: Mapping[str, Any], logsource: str) -> dict[str, Any]:
    time = datetime.fromisoformat(str(record["time"])) if "time" in record else _MOMENT
    fields = {name: _text(value) for name, value in _flat(record)}
    columns = {name: record[name] for name in NAMES if name in record and name not in ("time", "id", "fields", "raw")}
    return {
        **dict.fromkeys(NAMES),
        "action": Action.OTHER,
        "outcome": Outcome.SUCCESS,
        "channel": Channel.OTHER,
        "source": "test",
        "logsource": logsource,
        **columns,
        "time": pa.scalar(time if time.tzinfo else time.replace(tzinfo=UTC), TIME).as_py(),
        "recorded_at": _MOMENT,
        "sequence": 0,
        "id": number.to_bytes(16, "big"),
        "position": number,
        "fields": list(fields.items()),
        "raw": msgspec.json.encode(record, enc_hook=str),
    }


def _flat(record: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif value is not None:
            yield f"{before}{name}", value


def _text(value: Any) -> str:
    if isinstance(value, list):
        return SEPARATOR.join(map(_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
