"""How each rule fared in a run: fired, did not fire, or could not have fired here, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import TypeAlias

import msgspec

from waybill.detect.sigma.conditions import missing
from waybill.detect.sigma.routing import LogSource
from waybill.detect.sigma.rules import Rule, RuleSet
from waybill.model.transfers import NAMES

Data: TypeAlias = Mapping[str, Collection[str] | None]
"""What was read: for each log source (column ``logsource``) the source's fields that some record had; None: unknown."""


class State(StrEnum):
    """How a rule fared in a run."""

    FIRED = "fired"
    SILENT = "did not fire"
    NOT_EVALUABLE = "not evaluable"


class Standing(msgspec.Struct, frozen=True):
    """How one rule fared, and why if it could not fire."""

    rule: Rule
    state: State
    why: str = ""


def standings(rules: RuleSet, fired: Collection[str], data: Data | None = None) -> list[Standing]:
    """Return how each rule fared in a run in which the rules with the ids ``fired`` made findings.

    With ``data``, a rule that did not fire says whether it could have: that no record of its log source was read, or
    that fields it cannot do without were never there.
    """
    by_id = {rule.id: rule for rule in rules.rules}
    return [_standing(rule, by_id, fired, data) for rule in rules.rules]


def _standing(rule: Rule, by_id: Mapping[str, Rule], fired: Collection[str], data: Data | None) -> Standing:
    if not rule.is_evaluable:
        return Standing(rule, State.NOT_EVALUABLE, rule.not_evaluable)
    if rule.id in fired:
        return Standing(rule, State.FIRED)
    if data is None:
        return Standing(rule, State.SILENT)
    return _correlated(rule, by_id, data) if rule.correlation is not None else _single(rule, data)


def _correlated(rule: Rule, by_id: Mapping[str, Rule], data: Data) -> Standing:
    """Return why a correlation could not fire: because one of its rules could not."""
    parts = (_standing(by_id[name], by_id, (), data) for name in rule.asked.rules)
    lame = next((part for part in parts if part.why), None)
    return Standing(rule, lame.state, f"{lame.rule.title.en}: {lame.why}") if lame else Standing(rule, State.SILENT)


def _single(rule: Rule, data: Data) -> Standing:
    seen = [fields for text, fields in data.items() if rule.logsource.is_transfer or _covers(rule, text)]
    if not seen:
        return Standing(rule, State.SILENT, f"no record of its log source {rule.logsource} was read")
    absent = [_absent(rule, fields) for fields in seen]
    if not all(absent):
        return Standing(rule, State.SILENT)
    fewest = min((sorted(fields) for fields in absent), key=len)
    return Standing(rule, State.NOT_EVALUABLE, f"fields that no record has: {', '.join(fewest)}")


def _covers(rule: Rule, logsource: str) -> bool:
    return rule.logsource.covers(LogSource.of_row(logsource))


def _absent(rule: Rule, fields: Collection[str] | None) -> frozenset[str]:
    """Return the fields without which the rule cannot hold, and which no record has."""
    if fields is None or rule.condition is None:
        return frozenset()
    columns: Iterable[str] = NAMES if rule.logsource.is_transfer else ()
    return missing(rule.condition, frozenset(fields).union(columns))
