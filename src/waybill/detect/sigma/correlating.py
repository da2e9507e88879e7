"""The detector of correlations: Sigma rules about several records, by the times of the records themselves.

Matches of the rules that correlations name are remembered by correlation and group, and windows are asked at the end of
a run, so that neither the order in which rows come nor where one table ends and the next begins makes a difference. A
record may come up to ``lateness`` after the newest one: conditions that further records could still undo (fewer than,
a mean) are told once that time has passed, all others at once. What lies further back is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import msgspec
import pyarrow as pa

from waybill.detect.sigma.correlated import entries_of, findings_of
from waybill.detect.sigma.episodes import Entry, episodes
from waybill.detect.sigma.matching import matches
from waybill.detect.sigma.remembering import MOST_ENTRIES, Memory
from waybill.detect.sigma.router import Router
from waybill.detect.sigma.ruled import Ruled
from waybill.detect.sigma.rules import Rule, RuleSet
from waybill.model.findings import Finding
from waybill.model.protocols import Result, State, Tables
from waybill.model.words import Scope

LATENESS = timedelta(days=1)
"""How long after the newest record an older one may come and still count."""


class CorrelationDetector(Ruled):
    """Evaluates Sigma correlations (specification 2.1), with the rules that they name.

    ``most`` bounds what is remembered between runs, in matches; beyond it the oldest are forgotten, which a remark
    tells.
    """

    name: ClassVar[str] = "sigma-correlation"
    scope: ClassVar[Scope] = Scope.FOLD

    def __init__(
        self,
        rules: Sequence[Path] = (),
        own: bool = True,
        placeholders: Mapping[str, Sequence[str]] | None = None,
        lateness: timedelta = LATENESS,
        most: int = MOST_ENTRIES,
    ) -> None:
        super().__init__(rules, own, placeholders)
        self._lateness = lateness // timedelta(microseconds=1)
        self._most = most

    @staticmethod
    def _chosen(rules: RuleSet) -> RuleSet:
        return rules.correlated

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns of transfers that these rules and their findings need."""
        return tuple(dict.fromkeys([*self.rules.columns(), "recorded_at"]))

    def keys(self, tables: Tables) -> pa.Array:
        """Return nothing: this detector is not partitioned."""
        raise NotImplementedError

    def run(self, tables: Tables, state: State) -> Result:
        """Remember what the rules match; without rows, say which windows fulfil their correlations."""
        memory = Memory(state)
        if tables.transfers.num_rows:
            self._remember(tables, memory)
            if len(memory) <= 2 * self._most:
                return Result([], memory.state())
        findings = list(self._judged(tables, memory))
        forgotten = memory.settle(self._spans, self._lateness, self._most)
        return Result(findings, memory.state(), tuple(_forgotten(forgotten, self._correlations)))

    @cached_property
    def _router(self) -> Router:
        return Router([rule for rule in self.rules.rules if rule.condition is not None])

    @cached_property
    def _correlations(self) -> dict[str, Rule]:
        """The correlations by id; those that others name stand before them."""
        return {rule.id: rule for rule in self.rules.rules if rule.correlation is not None}

    @cached_property
    def _spans(self) -> dict[str, int]:
        """How far back each correlation needs its records, in microseconds, beyond what may come late."""
        spans: dict[str, int] = {}
        for rule in self._correlations.values():
            below = [spans[name] + self._lateness for name in rule.asked.rules if name in spans]
            spans[rule.id] = rule.asked.span + max(below, default=0)
        return spans

    @cached_property
    def _uses(self) -> dict[str, list[tuple[Rule, int]]]:
        """For each rule, the correlations that name it, and its number there."""
        uses: dict[str, list[tuple[Rule, int]]] = {}
        for rule in self._correlations.values():
            for number, name in enumerate(rule.asked.rules):
                uses.setdefault(name, []).append((rule, number))
        return uses

    def _remember(self, tables: Tables, memory: Memory) -> None:
        memory.advance(tables.transfers)
        for match in matches(tables.transfers, self._router):
            for rule, number in self._uses.get(match.rule.id, ()):
                for group, entry in entries_of(match, rule.asked, number, tables.transfers):
                    memory.add(rule.id, group, entry)

    def _judged(self, tables: Tables, memory: Memory) -> Iterator[Finding]:
        for rule in self._correlations.values():
            for group in memory.groups(rule.id, changed=rule.asked.is_monotone):
                windows = list(self._windows(rule, group, memory))
                if not rule.only_correlated:
                    yield from findings_of(self.name, rule, group, windows, tables.register)
                self._hand_on(rule, group, windows, memory)

    def _windows(self, rule: Rule, group: Sequence[str], memory: Memory) -> Iterator[Sequence[Entry]]:
        """Yield the windows of a group that fulfil a correlation and may be told by now."""
        entries = memory.entries(rule.id, tuple(group))
        since, until = memory.closed(self._spans[rule.id] - rule.asked.span + self._lateness)
        for end, first, last in episodes(rule.asked, entries):
            if rule.asked.is_monotone or since < end <= until:
                yield entries[first:last]

    def _hand_on(self, rule: Rule, group: Sequence[str], windows: Sequence[Sequence[Entry]], memory: Memory) -> None:
        """Let correlations that name this one see the last record of each of its windows."""
        known = dict(zip(rule.asked.group_by, group, strict=True))
        for upper, number in self._uses.get(rule.id, ()):
            key = tuple(known[upper.asked.field_of(name, rule.id)] for name in upper.asked.group_by)
            values = tuple(known[upper.asked.field_of(name, rule.id)] for name in upper.asked.fields)
            for window in windows:
                memory.add(upper.id, key, msgspec.structs.replace(window[-1], rule=number, values=values))


def _forgotten(counts: Mapping[str, int], rules: Mapping[str, Rule]) -> Iterator[str]:
    for name, count in counts.items():
        yield (
            f"{rules[name].path}:{rules[name].line}: correlation {name} forgot its {count} oldest matches: more than "
            "memory may hold came within its time span"
        )
