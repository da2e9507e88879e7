"""What is seen first thing in the morning: the report on all there is, where things went, how lake and ledger stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from waybill.flow.installation import Installation
from waybill.flow.proof.proofs import proved
from waybill.flow.proof.standing import LedgerStanding, standing
from waybill.flow.reporting import report_of_installation
from waybill.flow.surveys import exposures
from waybill.flow.surveys.surveying import surveyed
from waybill.lake.reports import Status
from waybill.model.protocols import Detector
from waybill.model.register import RegisterSnapshot
from waybill.model.words import MOVING
from waybill.register.pseudonyms import PREFIX
from waybill.report import Report

MOST_ENDS = 9
"""Places on either side that are drawn by themselves; the others are drawn together."""

_MOST_WAYS = 2_000
"""Distinct ways that are asked for, those with most transfers."""

OTHERS = "…"
"""Stands for ends that are drawn together."""

_PERSON = re.compile(rf"{PREFIX}[a-z2-7]{{16}}")

_WAYS = """
SELECT coalesce(from_place, '') AS origin, channel, coalesce(to_place, to_jurisdiction, '') AS destination,
       count(*) AS transfers, coalesce(sum(bytes), 0)::BIGINT AS bytes
FROM transfers
WHERE action IN (SELECT unnest($moving))
GROUP BY ALL
ORDER BY transfers DESC, origin, channel, destination
LIMIT $most
"""


class Way(NamedTuple):
    """From where, over which channel, to where; an end is a registered place, else as the log has it, or empty."""

    origin: str
    channel: str
    destination: str


@dataclass(frozen=True, slots=True)
class Carried:
    """What went one way, permitted or not."""

    way: Way
    transfers: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that the overview tells."""

    report: Report
    ways: tuple[Carried, ...]
    """The most used first."""
    proved: Collection[str]
    """Ids of findings whose record is in the ledger."""
    lake: Status
    ledger: LedgerStanding
    old: exposures.OldSystems


def overview(installation: Installation, detectors: Sequence[Detector]) -> Overview:
    """Return the overview as things stand now; ``detectors`` are those that are installed."""
    report = report_of_installation(installation, detectors=detectors)
    return Overview(
        report,
        ways(installation),
        proved([row.finding.id for row in report.rows]),
        installation.lake.status(),
        standing(installation),
        exposures.old_systems(exposures.found(check=exposures.OLD_SYSTEM), surveyed()),
    )


def ways(installation: Installation) -> tuple[Carried, ...]:
    """Return the ways that assets went, rare ends put together."""
    register = installation.register()
    parameters = {"moving": [str(action) for action in MOVING], "most": _MOST_WAYS}
    with installation.lake.snapshot() as snapshot:
        rows = snapshot.query(_WAYS, parameters).to_pylist()
    counted: dict[Way, tuple[int, int]] = {}
    for row in rows:
        way = Way(_named(register, row["origin"]), row["channel"], _named(register, row["destination"]))
        transfers, size = counted.get(way, (0, 0))
        counted[way] = transfers + row["transfers"], size + row["bytes"]
    return _folded([Carried(way, *counts) for way, counts in counted.items()])


def _named(register: RegisterSnapshot, name: str) -> str:
    """Return how an end is drawn; a desk or a mailbox that names a person is no place to be drawn by itself."""
    place = register.place_of(name)
    if place is not None:
        return place.name or place.id
    return OTHERS if _PERSON.search(name) else name


def _folded(carried: Sequence[Carried]) -> tuple[Carried, ...]:
    origins, destinations = (_largest(carried, end) for end in ("origin", "destination"))
    sums: dict[Way, tuple[int, int]] = {}
    for one in carried:
        way = Way(
            one.way.origin if one.way.origin in origins else OTHERS,
            one.way.channel,
            one.way.destination if one.way.destination in destinations else OTHERS,
        )
        transfers, size = sums.get(way, (0, 0))
        sums[way] = transfers + one.transfers, size + one.bytes
    folded = (Carried(way, *counts) for way, counts in sums.items())
    return tuple(sorted(folded, key=lambda one: (-one.transfers, one.way)))


def _largest(carried: Sequence[Carried], end: str) -> set[str]:
    counted: Counter[str] = Counter()
    for one in carried:
        counted[getattr(one.way, end)] += one.transfers
    return {name for name, _ in counted.most_common(MOST_ENDS)}
