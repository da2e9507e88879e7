"""Rules as this engine keeps them, what went wrong with others, and how each fared in a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from waybill.detect.sigma.conditions import Node, predicates_of
from waybill.detect.sigma.predicates import RELATIONS, Predicate
from waybill.detect.sigma.routing import LogSource
from waybill.model.errors import RuleError
from waybill.model.findings import Finding, Text
from waybill.model.transfers import NAMES
from waybill.model.words import Severity


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule, ready to be asked."""

    id: str
    title: Text
    level: Severity
    logsource: LogSource
    tags: tuple[str, ...] = ()
    path: str
    line: int = 1
    """Where its document starts, from 1."""
    sentence: Text | None = None
    """The rule's own wording with ``{actor}`` and the like; None for a rule that brings none."""
    advice: Text = Text("", "")
    """What to do about a match; empty for a rule that does not say."""
    condition: Node | None = None
    """None for a rule that cannot be decided here."""
    not_evaluable: str = ""
    """Why it cannot be decided; empty where it can."""


class Problem(msgspec.Struct, frozen=True):
    """Something wrong with a file of rules; the other rules run."""

    file: str
    line: int
    """From 1."""
    what: str
    advice: str = ""

    def error(self) -> RuleError:
        """Return it as an error to raise, for a caller that wants to stop."""
        return RuleError(self.what, where=f"{self.file}:{self.line}", advice=self.advice)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


class State(StrEnum):
    """How a rule fared in a run."""

    FIRED = "fired"
    SILENT = "did not fire"
    NOT_EVALUABLE = "not evaluable"


class Standing(msgspec.Struct, frozen=True):
    """How one rule fared, and why if it could not be decided."""

    rule: Rule
    state: State
    why: str = ""


class RuleSet(msgspec.Struct, frozen=True):
    """All rules that were loaded, and the problems met on the way."""

    rules: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()

    def standing(self, findings: Iterable[Finding], logsources: Iterable[str] | None = None) -> list[Standing]:
        """Return how each rule fared in the run that made ``findings``.

        ``logsources`` are those of the rows that were read (column ``logsource``); if given, a rule that did not
        fire and saw no row says so.
        """
        fired = {finding.rule_id for finding in findings}
        seen = None if logsources is None else [LogSource.of_row(text) for text in logsources]
        return [_standing(rule, fired, seen) for rule in self.rules]

    def columns(self) -> tuple[str, ...]:
        """Return the columns of transfers that these rules and their findings need, in the model's order."""
        needed = set(FINDING_COLUMNS)
        for rule, predicate in self._uses():
            needed.update(_columns_of(rule, predicate))
        return tuple(name for name in NAMES if name in needed)

    def _uses(self) -> Iterator[tuple[Rule, Predicate]]:
        for rule in self.rules:
            for predicate in predicates_of(rule.condition) if rule.condition is not None else ():
                yield rule, predicate


FINDING_COLUMNS = frozenset(
    {"time", "id", "source", "outcome", "channel", "actor", "application", "asset", "from_place", "to_place"}
    | {"to_party", "to_jurisdiction", "action", "grade", "bytes", "records", "origin", "position"}
)
"""Columns that a finding quotes, whatever its rule asks."""


def _columns_of(rule: Rule, predicate: Predicate) -> set[str]:
    if not predicate.field:
        return {"raw", "fields", "logsource"}
    if not rule.logsource.is_transfer:
        return {"fields", "logsource"}
    names = [predicate.field, *(str(value) for value in predicate.values if predicate.op in RELATIONS)]
    return {name if name in NAMES else "fields" for name in names}


def _standing(rule: Rule, fired: set[str], seen: list[LogSource] | None) -> Standing:
    if rule.condition is None:
        return Standing(rule, State.NOT_EVALUABLE, rule.not_evaluable)
    if rule.id in fired:
        return Standing(rule, State.FIRED)
    if seen is not None and not rule.logsource.is_transfer and not any(rule.logsource.covers(row) for row in seen):
        return Standing(rule, State.SILENT, f"no record of its log source {rule.logsource} was read")
    return Standing(rule, State.SILENT)
