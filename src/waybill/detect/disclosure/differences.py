"""Compares one filing with what was known inside, figure by figure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from waybill.model.disclosures import Disclosure, Figure, folded

FACTS = ("day", "site", "kind")
"""What a report says beside its figures."""


class Difference(msgspec.Struct, frozen=True, order=True, kw_only=True):
    """One figure or fact that was filed otherwise than it was reported inside."""

    name: str
    inside: str
    filed: str
    """Empty where the filing leaves it out."""
    since: datetime
    """When it was first reported inside."""
    less: bool
    """Whether less was filed, or nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was known inside of one event, by name, and since when."""

    figures: dict[str, Figure] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    since: dict[str, datetime] = field(default_factory=dict)


def known_inside(reports: Sequence[Disclosure]) -> Known:
    """Return what the standing reports state together; they come in the order of time.

    Of numbers the highest counts, whichever unit it has; of facts the newest. So a later report can raise a number
    without a word, and lower it only by amending the earlier one.
    """
    known = Known()
    for report in reports:
        for figure in report.figures:
            before = known.figures.get(figure.name)
            if before is None or before.value < figure.value:
                known.figures[figure.name] = figure
                known.since[figure.name] = report.made_at
        for name in FACTS:
            fact = str(getattr(report, name) or "")
            if fact and folded(known.facts.get(name, "")) != folded(fact):
                known.facts[name] = fact
                known.since[name] = report.made_at
    return known


def differences(filing: Disclosure, inside: Known, demanded: Collection[str]) -> Iterator[Difference]:
    """Yield each figure and fact that this filing states otherwise, by name.

    A figure that the filing leaves out counts if it is above zero and demanded; where nothing is ``demanded``, every
    one is.
    """
    filed = {figure.name: figure for figure in filing.figures}
    for name, figure in sorted(inside.figures.items()):
        other = filed.get(name)
        if other is None and (not figure.value or (demanded and name not in demanded)):
            continue
        if other is None or (other.value, folded(other.unit)) != (figure.value, folded(figure.unit)):
            yield Difference(
                name=name,
                inside=figure.amount,
                filed=other.amount if other else "",
                since=inside.since[name],
                less=other is None or other.value < figure.value,
            )
    for name, fact in sorted(inside.facts.items()):
        stated = str(getattr(filing, name) or "")
        if stated and folded(stated) != folded(fact):
            yield Difference(name=name, inside=fact, filed=stated, since=inside.since[name], less=False)
