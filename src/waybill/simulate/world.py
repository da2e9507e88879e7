"""Writes a world: seven organisations at work, nine leaks among it, and their benign twins, a month at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from itertools import groupby
from pathlib import Path
from random import Random

import msgspec
import numpy as np

from waybill.simulate import blemishes, services, sins
from waybill.simulate.books import Books
from waybill.simulate.custody import CustodyRecords
from waybill.simulate.deeds import RECORDERS, Worker
from waybill.simulate.habits import Deed, Diary
from waybill.simulate.homes import register_homes
from waybill.simulate.journal import Journal, Part
from waybill.simulate.leaks import PLOTS, Scene
from waybill.simulate.names import Names
from waybill.simulate.offices import Office
from waybill.simulate.people import Organisation, Person, found
from waybill.simulate.services import Fab, Freight, fab
from waybill.simulate.sources import endpoint
from waybill.simulate.trades import Trade
from waybill.simulate.truth import Case, Size, Truth
from waybill.simulate.working_days import days

SPANS = {
    Size.SMALL: (date(2025, 3, 3), date(2025, 6, 30)),
    Size.YEAR: (date(2025, 1, 1), date(2025, 12, 31)),
}
"""First and last days."""

_BUSY = {Size.SMALL: 0.85, Size.YEAR: 0.75}
"""How busy people are; multiplies all that they do."""

_PARTNERS = 30
"""Organisations outside that each organisation writes to."""

_LATE, _LATE_AT_DEADLINES = 0.02, 0.35
"""Shares of work done after the day's end."""

Progress = Callable[[int], None]
"""Told how many days were written since it was told last."""


def write_world(
    folder: Path,
    *,
    seed: int,
    size: Size = Size.SMALL,
    without: Collection[str] = (),
    progress: Progress = lambda days: None,
) -> Truth:
    """Write logs, register, mappings, documents and ``truth.json`` into ``folder``, and return what is in them.

    Equal ``seed`` and ``size`` give equal bytes (of unpacked files: packers may change). The decisive records of the
    cases named in ``without`` are left out; every other record stays as it is. Files of the same names are replaced.
    """
    first, last = SPANS[size]
    names = Names(Random(f"{seed}/names"))
    organisations = found(Random(f"{seed}/people"), names, first, last, size)
    truth = Truth(seed=seed, size=size, first=first, last=last, people=0, counts={}, cases=(), broken=(), protected=())
    journal = Journal(folder / truth.logs, without)
    offices = {trade: _office(seed, organisation, journal, names) for trade, organisation in organisations.items()}
    books = Books(f"{names.label()}.example", first, last)
    custody = CustodyRecords(seed, folder / truth.custody, without)
    scene = Scene(
        random=Random(f"{seed}/leaks"),
        names=names,
        offices=offices,
        books=books,
        freight=Freight(offices[Trade.MAGNETS], books, custody),
        fab=Fab(offices[Trade.CHIPS], books),
        days=days(first, last),
        documents=folder / truth.documents,
        places=folder / truth.places,
    )
    scene.documents.mkdir(parents=True, exist_ok=True)
    scene.places.mkdir(parents=True, exist_ok=True)
    register_homes(books, offices)
    for plot in PLOTS:
        plot.stage(scene, plot)
    blemishes.stage(scene)
    _work(seed, size, scene, journal, progress)
    books.write(folder / truth.register)
    custody.write()
    mapping = folder / truth.mappings[0]
    mapping.parent.mkdir(parents=True, exist_ok=True)
    mapping.write_text(endpoint.MAPPING, encoding="utf-8")
    truth = _told(truth, organisations, journal, custody, scene)
    (folder / "truth.json").write_bytes(msgspec.json.format(msgspec.json.encode(truth)))
    return truth


def _office(seed: int, organisation: Organisation, journal: Journal, names: Names) -> Office:
    random = Random(f"{seed}/{organisation.trade}")
    partners = [f"{names.label()}.example" for _ in range(_PARTNERS)]
    return Office(organisation, journal, random, names, partners)


def _work(seed: int, size: Size, scene: Scene, journal: Journal, progress: Progress) -> None:
    """Let everybody do their work, month by month."""
    diaries = {
        trade: Diary(np.random.default_rng([seed, number]), office.organisation.people, scene.days, busy=_BUSY[size])
        for number, (trade, office) in enumerate(scene.offices.items())
    }
    for (year, month), some in groupby(enumerate(scene.days), lambda one: (one[1].year, one[1].month)):
        for number, day in some:
            scene.freight.work(day)
            for trade, office in scene.offices.items():
                office.moved = day >= diaries[trade].migration
                services.run(office, day)
                _day(scene, office, diaries[trade], number)
            progress(1)
        journal.write(year, month)


def _day(scene: Scene, office: Office, diary: Diary, number: int) -> None:
    recorders, day = RECORDERS[office.organisation.trade], scene.days[number]
    for person, counts in zip(office.organisation.people, diary.counts[:, number].tolist(), strict=True):
        if not any(counts):
            continue
        worker = _worker(office, person, day)
        late = _LATE_AT_DEADLINES if diary.has_deadline(worker.unit.name, day) else _LATE
        for deed, count in zip(Deed, counts, strict=True):
            if count and deed in recorders:
                moments = sorted(office.moment(person, day, late=late) for _ in range(count))
                recorders[deed](office, worker, moments)
        if worker.unit.name in fab.UNITS and office.organisation.trade is Trade.CHIPS:
            scene.fab.work(person, day)
        if office.random.random() < sins.A_DAY:
            sins.sin(office, worker, office.moment(person, day, late=late))


def _worker(office: Office, person: Person, day: date) -> Worker:
    unit, organisation = person.unit_on(day), office.organisation
    user = f"{organisation.windows_domain}\\{person.account}"
    return Worker(person, unit, office.desk(person, unit), organisation.mail(person), user)


def _told(
    truth: Truth, organisations: dict[Trade, Organisation], journal: Journal, custody: CustodyRecords, scene: Scene
) -> Truth:
    cases = [
        Case(
            name=plot.name,
            number=plot.number,
            title=plot.title,
            organisation=plot.trade,
            leak=journal.marks(Part.LEAK, plot.name),
            twin=journal.marks(Part.TWIN, plot.name),
            leak_events=custody.events(Part.LEAK, plot.name),
            twin_events=custody.events(Part.TWIN, plot.name),
            exposures=tuple(scene.exposures.get(plot.name, ())),
            why_allowed=plot.why_allowed,
            means=plot.means,
        )
        for plot in PLOTS
    ]
    return msgspec.structs.replace(
        truth,
        people=sum(len(organisation.people) for organisation in organisations.values()),
        counts=journal.counts,
        cases=tuple(cases),
        broken=journal.marks(Part.BROKEN),
        protected=journal.marks(Part.PROTECTED),
    )
