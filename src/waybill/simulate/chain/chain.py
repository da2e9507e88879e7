"""Makes a chain: its sites, its ordinary course, the diversions among it, its register, and its documents."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

from waybill.model.register import Asset, Permit, RegisterSnapshot
from waybill.model.words import AssetKind, Channel, Grade
from waybill.simulate.chain import dealings, diversions, swaps
from waybill.simulate.chain.course import Course
from waybill.simulate.chain.diversions import Deed, Stage
from waybill.simulate.chain.goods import Catalogue
from waybill.simulate.chain.scribe import Captured, Scribe, document, master_data
from waybill.simulate.chain.sites import Site, sites
from waybill.simulate.chain.works import Works
from waybill.simulate.names import Names

BEGIN = datetime(2025, 6, 2, tzinfo=UTC)
"""The Monday on which every chain begins."""

WEEKS = 30
"""How long a chain runs by default; deeds are done between its middle and its end."""

TUNING_SEEDS = range(100, 106)
"""Seeds that detectors may be tuned on."""

REPORT_SEEDS = range(900, 906)
"""Seeds that figures are reported on, and nothing is tuned on."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of diversion: its name, what it does, and the rules of which one must tell it."""

    name: str
    deed: Deed
    rules: tuple[str, ...]


KINDS: tuple[Kind, ...] = tuple(
    Kind(deed.__name__, deed, tuple(f"materials.{rule}" for rule in rules.split()))
    for deed, rules in (
        (diversions.more_out_than_in, "balance-step"),
        (diversions.lot_sold_twice, "balance-lot"),
        (diversions.skimmed, "yield-low"),
        (diversions.too_good, "yield-high"),
        (diversions.purer_than_papers, "grade-purer"),
        (diversions.poorer_than_papers, "grade-poorer"),
        (diversions.wrong_heading, "grade-heading"),
        (diversions.value_out_of_line, "grade-value"),
        (diversions.other_origin, "pattern-origin"),
        (dealings.no_licence, "diversion-no-licence"),
        (dealings.other_consignee, "diversion-consignee"),
        (dealings.other_use, "diversion-end-use"),
        (dealings.over_licence, "diversion-balance"),
        (dealings.suspended, "diversion-suspended"),
        (dealings.elsewhere, "diversion-elsewhere"),
        (dealings.split, "splitting-bunched"),
        (dealings.new_origin, "relabel-origin"),
        (dealings.new_lot, "relabel-lot"),
        (dealings.less_arrived, "mirror-gap"),
        (dealings.lost, "gap-lost"),
        (dealings.never_shipped, "gap-orphan"),
        (dealings.held_back, "record-late"),
        (dealings.taken_back, "record-withdrawn"),
        (swaps.copied_number, "identity-duplicate"),
        (swaps.dead_and_seen, "identity-after-end"),
        (swaps.two_parents, "identity-two-parents"),
        (swaps.too_fast, "travel-impossible"),
        (swaps.too_fast_for_ship, "travel-mode"),
        (swaps.twin_identity, "device-two-places"),
        (swaps.off_route, "device-off-route"),
        (swaps.die_in_two_boards, "identity-two-parents"),
    )
)
"""Every kind of diversion."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """A deed that was done: its kind, whether it is a diversion or the twin of one, and the events that decide it."""

    kind: Kind
    leak: bool
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """What was captured, what the register holds, and what is known of it."""

    sites: tuple[Site, ...]
    catalogue: Catalogue
    captured: tuple[Captured, ...]
    register: RegisterSnapshot
    seeded: tuple[Seeded, ...] = field(default=())

    def documents(
        self, without: Collection[str] = (), together: timedelta | None = None
    ) -> Iterator[tuple[datetime, dict[str, Any]]]:
        """Yield when each document was handed over, and the document; events named in ``without`` are left out.

        Each site hands over its own; with ``together`` those of all sites within such a time come in one document, as
        from a clearing house. The first one carries the master data of all sites and trade items.
        """
        vocabulary = [*master_data(self.sites), self.catalogue.master_data()]

        def batch(one: Captured) -> tuple[datetime, str]:
            if together is None:
                return one.handed_over, one.site.name
            return BEGIN + ((one.handed_over - BEGIN) // together + 1) * together, ""

        kept = [one for one in self.captured if one.event["eventID"] not in without]
        kept.sort(key=lambda one: (*batch(one), one.event["eventTime"]))
        for (moment, _), some in groupby(kept, batch):
            group = list(some)
            yield moment, document(group[0].site, moment, [one.event for one in group], vocabulary)
            vocabulary = []

    def write(self, folder: Path) -> list[Path]:
        """Write every document into ``folder`` and return the files in the order in which they were handed over."""
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for number, (moment, one) in enumerate(self.documents()):
            files.append(folder / f"{moment:%Y%m%d}-{number:05d}.jsonld")
            files[-1].write_text(json.dumps(one, ensure_ascii=False), encoding="utf-8")
        return files


def make(seed: int, *, weeks: int = WEEKS, kinds: Collection[Kind] = (), leak: bool = True) -> Chain:
    """Run a chain for some weeks, with a deed of each of ``kinds`` and its twin; without ``leak`` only the twins."""
    random = Random(f"{seed}/chain")
    names = Names(random)
    catalogue = Catalogue(random, names)
    scribe = Scribe(random)
    works = Works(random, sites(random, names), catalogue, scribe)
    permits, numbers = _licences(works, weeks)
    course = Course(works, numbers)
    for week in range(weeks):
        course.week(BEGIN + timedelta(weeks=week, hours=random.uniform(0, 5)))
    stage, seeded = Stage(course, numbers), []
    for kind in kinds:
        for is_leak in (True, False) if leak else (False,):
            moment = BEGIN + timedelta(weeks=random.uniform(0.35, 0.6) * weeks)
            seeded.append(Seeded(kind, is_leak, tuple(kind.deed(stage, moment, is_leak))))
    register = RegisterSnapshot(
        assets=(_asset(catalogue),),
        parties=tuple(site.organisation for site in works.sites),
        places=tuple(site.place for site in works.sites),
        permits=permits,
    )
    return Chain(tuple(works.sites), catalogue, tuple(scribe.captured), register, tuple(seeded))


def _asset(catalogue: Catalogue) -> Asset:
    patterns = tuple(f"https://id.gs1.org/01/{item}*" for item in catalogue.items.values())
    return Asset(id="materials", name="稀土与器件", kind=AssetKind.MATERIAL, grade=Grade.CORE, patterns=patterns)


def _licences(works: Works, weeks: int) -> tuple[tuple[Permit, ...], dict[str, str]]:
    """Return the licences, and their numbers by country or by what is special about them."""
    middle = BEGIN + timedelta(weeks=0.2 * weeks)
    special: dict[str, dict[str, Any]] = {
        "DE": {},
        "JP": {},
        "US": {},
        "much": {"max_kilograms": Decimal(1_000_000)},
        "little": {"max_kilograms": Decimal(2)},
        "suspended": {"suspended_from": middle, "suspended_until": middle + timedelta(days=400)},
    }
    numbers = {name: f"LIC-{works.catalogue.names.digits(8)}" for name in special}
    permits = tuple(
        Permit(
            id=numbers[name],
            asset="materials",
            place=works.customer(name if len(name) == 2 else "JP").name,
            channel=Channel.FREIGHT,
            valid_from=BEGIN - timedelta(days=30),
            valid_until=BEGIN + timedelta(weeks=weeks, days=365),
            end_use="motors",
            basis="两用物项出口许可（示例）",
            **terms,
        )
        for name, terms in special.items()
    )
    return permits, numbers
