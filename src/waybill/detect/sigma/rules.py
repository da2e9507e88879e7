"""Rules as this engine keeps them, and what went wrong with others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from waybill.detect.sigma.conditions import Node, predicates_of
from waybill.detect.sigma.correlations import Correlation
from waybill.detect.sigma.predicates import RELATIONS, Predicate
from waybill.detect.sigma.routing import LogSource
from waybill.model.errors import RuleError
from waybill.model.findings import Text
from waybill.model.transfers import NAMES
from waybill.model.words import Severity


class RuleTest(msgspec.Struct, frozen=True):
    """Records, and whether the rule must fire on them."""

    fires: bool
    records: tuple[dict[str, Any], ...]
    """Fields by dotted path; for rules about transfers, columns of the model. ``time`` is a moment by ISO 8601."""
    because: str = ""
    """Why it must not fire."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule, ready to be asked."""

    id: str
    name: str = ""
    """How correlations may call it, beside its id."""
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
    """None for a correlation, and for a rule that cannot be decided here."""
    correlation: Correlation | None = None
    """What it asks of several records; None for a rule about single ones."""
    not_evaluable: str = ""
    """Why it cannot be decided; empty where it can."""
    tests: tuple[RuleTest, ...] = ()
    """Its own tests, as its file has them under ``tests``."""
    only_correlated: bool = False
    """Whether it makes no findings of its own, because a correlation that names it does not say ``generate``."""

    @property
    def asked(self) -> Correlation:
        """The correlation; raises ValueError for a rule about single records."""
        if self.correlation is None:
            raise ValueError(f"{self.id} is no correlation")
        return self.correlation

    @property
    def is_evaluable(self) -> bool:
        """Whether it can be decided here."""
        return not self.not_evaluable


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


class RuleSet(msgspec.Struct, frozen=True):
    """All rules that were loaded, and the problems met on the way."""

    rules: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def correlated(self) -> RuleSet:
        """The correlations that can be decided, and the rules that they name."""
        named = {rule for one in self.rules if one.correlation and one.is_evaluable for rule in one.correlation.rules}
        return RuleSet(tuple(one for one in self.rules if one.id in named or (one.correlation and one.is_evaluable)))

    def columns(self) -> tuple[str, ...]:
        """Return the columns of transfers that these rules and their findings need, in the model's order."""
        needed = set(FINDING_COLUMNS)
        for rule, predicate in self._uses():
            needed.update(_columns_of(rule, predicate))
        for rule in self.rules:
            if rule.correlation is not None:
                asked = {*rule.correlation.group_by, *rule.correlation.fields}
                asked |= {field for fields in rule.correlation.aliases.values() for field in fields.values()}
                needed.update(name if name in NAMES else "fields" for name in asked)
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
    if not rule.logsource.is_transfer:
        return {"fields", "logsource"}
    if not predicate.field:
        return {"raw", "fields"}
    names = [predicate.field, *(str(value) for value in predicate.values if predicate.op in RELATIONS)]
    return {name if name in NAMES else "fields" for name in names}
