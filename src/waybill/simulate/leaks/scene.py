"""What every leak is staged in: the offices, the register, and the days to choose from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from random import Random

from waybill.model.findings import Text
from waybill.simulate.books import Books
from waybill.simulate.journal import Part, Tag
from waybill.simulate.names import Names
from waybill.simulate.offices import Office, at
from waybill.simulate.people import Person
from waybill.simulate.services import Fab, Freight
from waybill.simulate.trades import Trade
from waybill.simulate.truth import Exposed, Means
from waybill.simulate.working_days import is_working_day


@dataclass(slots=True)
class Scene:
    """Where leaks are staged."""

    random: Random
    names: Names
    offices: dict[Trade, Office]
    books: Books
    freight: Freight
    fab: Fab
    days: list[date]
    documents: Path
    """Folder of documents that records speak of."""
    places: Path
    """Folder of what can be surveyed."""
    exposures: dict[str, list[Exposed]] = field(default_factory=dict)
    """Ways out that stand open, by the name of their leak."""

    def expose(self, plot: Plot, *exposures: Exposed) -> None:
        """Note ways out that stand open for a leak."""
        self.exposures.setdefault(plot.name, []).extend(exposures)

    def day(self, share: float, person: Person | None = None) -> date:
        """Return a working day after this share of the world, on which ``person`` is there."""
        rest = self.days[int(len(self.days) * share) :]
        return next(day for day in rest if is_working_day(day) and not (person and person.is_on_vacation(day)))

    @property
    def working_days(self) -> list[date]:
        """Days on which offices are open."""
        return [day for day in self.days if is_working_day(day)]

    def every(self, interval: int) -> list[date]:
        """Return a working day in each interval of so many days, for what is done as a routine."""
        return [self.day(start / len(self.days)) for start in range(0, len(self.days) - interval, interval)]

    def moment(self, day: date, earliest: float = 9.0, latest: float = 17.0) -> datetime:
        """Return a moment between two hours of a day."""
        return at(day, earliest + (latest - earliest) * self.random.random())


@dataclass(frozen=True, slots=True)
class Plot:
    """One leak with its benign twin, and how to stage them."""

    name: str
    number: int
    trade: Trade
    title: Text
    why_allowed: Text
    means: tuple[Means, ...]
    stage: Callable[[Scene, Plot], None]
    """Writes the records, and registers what they are about."""

    def leak(self, marker: str) -> Tag:
        """Return the tag of a decisive record."""
        return Tag(Part.LEAK, marker, self.name)

    def twin(self, marker: str) -> Tag:
        """Return the tag of a record of the benign twin."""
        return Tag(Part.TWIN, marker, self.name)
