"""The rules in use: what each has found, what it was excepted from, and whether it can fire on what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from waybill.detect.sigma import (
    CorrelationDetector,
    Data,
    Problem,
    RuleSet,
    RuleState,
    SigmaDetector,
    Standing,
    standings,
)
from waybill.detect.sigma.loading import OWN_RULES, rule_set
from waybill.detect.sigma.testing import run_tests
from waybill.flow.installation import Installation
from waybill.lake import Snapshot
from waybill.model.findings import Text
from waybill.model.protocols import Detector
from waybill.model.words import Severity

if TYPE_CHECKING:
    from waybill.findings.by_rule import Found


class RuleInUse(msgspec.Struct, frozen=True, kw_only=True):
    """A rule and how it has fared here."""

    id: str
    title: Text
    level: Severity
    logsource: str
    """As product/category/service; empty for a correlation."""
    tags: tuple[str, ...]
    file: str
    line: int
    own: bool
    """Whether it comes with this package."""
    correlation: bool
    """Whether it is about several records."""
    state: RuleState
    why: str
    """Why it could not fire, if so."""
    findings: int
    """Stored findings, those of exceptions included."""
    excepted: int
    """How many of them exceptions cover."""
    last: datetime | None
    """When the newest of them happened."""
    exceptions: tuple[int, ...]
    """Numbers of the exceptions that name it and have not ended."""


class RulesInUse(msgspec.Struct, frozen=True):
    """All rules, those with findings first, and the files that are wrong."""

    rules: tuple[RuleInUse, ...]
    problems: tuple[Problem, ...]


def loaded_rules(paths: Sequence[Path] = ()) -> RuleSet:
    """Return the built-in rules and those of these folders; read again only when a file has changed."""
    return rule_set(tuple(paths), True, {})


def rules_in_use(installation: Installation, *, more: Sequence[Path] = (), with_data: bool = False) -> RulesInUse:
    """Return how each rule has fared; ``with_data`` looks at which fields are stored, to tell what could not fire."""
    from waybill.findings.by_rule import NOTHING, findings_by_rule

    rules = loaded_rules((*installation.settings.rules, *more))
    found = findings_by_rule()
    data = data_of(installation) if with_data else None
    fired = frozenset(name for name, one in found.items() if one.findings)
    in_use = [_in_use(standing, found.get(standing.rule.id, NOTHING)) for standing in standings(rules, fired, data)]
    return RulesInUse(tuple(sorted(in_use, key=_first)), rules.problems)


def found_by_others(detectors: Sequence[Detector]) -> dict[str, int]:
    """Return how many findings each detector made that goes by no rules."""
    from waybill.findings import queries

    by_rules = (SigmaDetector, CorrelationDetector)
    found = queries.by_detector()
    return {one.name: found.get(one.name, 0) for one in detectors if not isinstance(one, by_rules)}


def _first(rule: RuleInUse) -> tuple[object, ...]:
    return rule.findings == 0, -rule.level.number, -rule.findings, rule.title.en


def _in_use(standing: Standing, found: Found) -> RuleInUse:
    rule = standing.rule
    return RuleInUse(
        id=rule.id,
        title=rule.title,
        level=rule.level,
        logsource="" if rule.correlation is not None else str(rule.logsource),
        tags=rule.tags,
        file=rule.path,
        line=rule.line,
        own=Path(rule.path).is_relative_to(OWN_RULES),
        correlation=rule.correlation is not None,
        state=standing.state,
        why=standing.why,
        findings=found.findings,
        excepted=found.excepted,
        last=found.last,
        exceptions=found.exceptions,
    )


_FIELDS = """
    SELECT logsource, list(DISTINCT field) AS fields
    FROM (SELECT DISTINCT logsource, unnest(map_keys(fields)) AS field FROM transfers WHERE logsource IS NOT NULL)
    GROUP BY logsource
"""

_SOURCES = "SELECT DISTINCT logsource FROM transfers WHERE logsource IS NOT NULL"


def data_of(installation: Installation) -> Data:
    """Return, for each log source that is stored, the fields that some record of it has."""
    with installation.lake.snapshot() as snapshot:
        return data_in(snapshot)


def data_in(snapshot: Snapshot) -> Data:
    """Return, for each log source in a snapshot, the fields that some record of it has."""
    sources = {row["logsource"]: frozenset[str]() for row in snapshot.query(_SOURCES).to_pylist()}
    fields = {row["logsource"]: frozenset(row["fields"]) for row in snapshot.query(_FIELDS).to_pylist()}
    return {**sources, **fields}


class FailedTest(msgspec.Struct, frozen=True):
    """A test of a rule that failed."""

    rule: str
    title: Text
    file: str
    number: int
    because: str
    fired: bool


class RuleTestReport(msgspec.Struct, frozen=True):
    """What became of the tests that rules bring."""

    passed: int
    failed: tuple[FailedTest, ...]
    untested: int
    """Rules that bring none."""
    problems: tuple[Problem, ...]


def run_rule_tests(paths: Sequence[Path]) -> RuleTestReport:
    """Run the tests of the rules of these files and folders, each rule speaking for itself."""
    rules = rule_set(tuple(paths), False, {})
    loud = tuple(msgspec.structs.replace(rule, only_correlated=False) for rule in rules.rules)
    spoken = RuleSet(loud, rules.problems)
    results = list(run_tests(spoken, [SigmaDetector.of(spoken), CorrelationDetector.of(spoken)]))
    failed = tuple(
        FailedTest(one.rule.id, one.rule.title, one.rule.path, one.number, one.test.because, one.fired)
        for one in results
        if not one.passed
    )
    untested = sum(not rule.tests for rule in rules.rules)
    return RuleTestReport(len(results) - len(failed), failed, untested, rules.problems)
