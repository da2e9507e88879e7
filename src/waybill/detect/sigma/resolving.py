"""Finds the rules that correlations name, and says which correlations cannot be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from waybill.detect.sigma.correlations import Correlation
from waybill.detect.sigma.rules import Problem, Rule


def resolved(rules: Sequence[Rule], problems: list[Problem]) -> list[Rule]:
    """Return the rules in an order in which those that a correlation names stand before it.

    A correlation that names a rule which is not there, or itself by way of others, becomes a problem. Rules that only
    correlations name which do not say ``generate`` make no findings of their own.
    """
    id_of = {name: rule.id for rule in rules for name in (rule.name, rule.id) if name}
    by_id: dict[str, Rule] = {rule.id: rule for rule in rules if rule.correlation is None}
    waiting = [rule for rule in rules if rule.correlation is not None]
    waiting = [rule for rule in waiting if not _is_wrong(rule, id_of, problems)]
    while waiting:
        ready = [rule for rule in waiting if all(id_of[name] in by_id for name in rule.asked.rules)]
        if not ready:
            problems += [_problem(rule, "it names itself, by way of other correlations") for rule in waiting]
            break
        for rule in ready:
            by_id[rule.id] = _decided(rule, id_of, by_id)
        waiting = [rule for rule in waiting if rule.id not in by_id]
    return _silenced(by_id)


def _is_wrong(rule: Rule, id_of: Mapping[str, str], problems: list[Problem]) -> bool:
    aliased = (name for fields in rule.asked.aliases.values() for name in fields)
    absent = [name for name in (*rule.asked.rules, *aliased) if name not in id_of]
    if absent:
        problems.append(_problem(rule, f"there is no rule {absent[0]!r}, which the correlation names"))
    return bool(absent)


def _problem(rule: Rule, what: str) -> Problem:
    return Problem(rule.path, rule.line, what, "Correlations name rules by `name` or `id`, from any of the files.")


def _decided(rule: Rule, id_of: Mapping[str, str], by_id: Mapping[str, Rule]) -> Rule:
    """Return a correlation with the ids of its rules, and why it cannot be decided if so."""
    correlation = rule.asked.resolved(id_of)
    why = next(filter(None, (_undecided(correlation, by_id[name]) for name in correlation.rules)), "")
    return msgspec.structs.replace(rule, correlation=correlation, not_evaluable=why)


def _undecided(correlation: Correlation, named: Rule) -> str:
    if not named.is_evaluable:
        return f"the rule {named.title.en!r}, which it names, is not evaluated: {named.not_evaluable}"
    if named.correlation is None:
        return ""
    asked = [correlation.field_of(name, named.id) for name in (*correlation.group_by, *correlation.fields)]
    unknown = [field for field in asked if field not in named.correlation.group_by]
    return f"it asks for {unknown[0]!r}, by which {named.title.en!r} does not group" if unknown else ""


def _silenced(by_id: Mapping[str, Rule]) -> list[Rule]:
    heard: set[str] = set()
    named: set[str] = set()
    for rule in by_id.values():
        if rule.correlation is not None and rule.is_evaluable:
            named.update(rule.correlation.rules)
            heard.update(rule.correlation.rules if rule.correlation.generate else ())
    return [
        msgspec.structs.replace(rule, only_correlated=True) if rule.id in named - heard else rule
        for rule in by_id.values()
    ]
