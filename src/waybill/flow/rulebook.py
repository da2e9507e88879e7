"""The rules that detection asks: each with whether it can find anything here, and how much it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from waybill.detect.sigma import SigmaDetector
from waybill.detect.sigma.rules import Problem, Rule
from waybill.detect.sigma.standing import standings
from waybill.findings import queries
from waybill.flow.installation import Installation
from waybill.model.protocols import Detector

_LOGSOURCES = "SELECT DISTINCT logsource FROM transfers WHERE logsource IS NOT NULL"


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """One rule and how it stands here."""

    rule: Rule
    findings: int
    why_not: str
    """Why it cannot find anything here; empty where it can."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules, what is wrong with files of rules, and the detectors that go by no rules."""

    rules: tuple[RuleStanding, ...]
    """Those that found most first, those that can find nothing last."""
    problems: tuple[Problem, ...]
    others: dict[str, int]
    """How much each detector without rules found."""


def rulebook(installation: Installation, detectors: Sequence[Detector]) -> Rulebook:
    """Return the rules of these detectors and how they stand."""
    found = queries.by_rule()
    with installation.lake.snapshot() as snapshot:
        read = {row["logsource"]: None for row in snapshot.query(_LOGSOURCES).to_pylist()}
    sets = [detector.rules for detector in detectors if isinstance(detector, SigmaDetector)]
    listed = [
        RuleStanding(one.rule, found.get((SigmaDetector.name, one.rule.id), 0), one.why)
        for rules in sets
        for one in standings(rules, (), read)
    ]
    return Rulebook(
        tuple(sorted(listed, key=lambda one: (bool(one.why_not), -one.findings, one.rule.title.en))),
        tuple(problem for rules in sets for problem in rules.problems),
        {
            detector.name: sum(count for (name, _), count in found.items() if name == detector.name)
            for detector in detectors
            if not isinstance(detector, SigmaDetector)
        },
    )
