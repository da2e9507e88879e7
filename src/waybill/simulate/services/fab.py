"""Recipes of the chip house's equipment, and the engineers who each work on a few machines of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from waybill.model.register import Asset
from waybill.model.words import AssetKind, Grade
from waybill.simulate.books import Books
from waybill.simulate.journal import Tag
from waybill.simulate.offices import Office
from waybill.simulate.people import Person
from waybill.simulate.sources import ot

UNITS = ("etch", "lithography")
"""Units whose engineers work on recipes."""
_MACHINES, _RECIPES, _OWN = 24, 12, 2
"""Machines in all, recipes of each, and machines of each engineer."""
_A_DAY = 1.2
"""Recipes that an engineer fetches on a day at work."""


class Fab:
    """The machines, their recipes, and whose they are."""

    def __init__(self, office: Office, books: Books) -> None:
        """Register the recipes."""
        self._office, names = office, office.names
        self._machines = tuple(f"{names.of(('EQ', 'TL', 'CH', 'PM'))}{names.digits(4)}" for _ in range(_MACHINES))
        self._recipes = {
            machine: tuple(f"{machine}/{names.label()}.{names.token(4)}" for _ in range(_RECIPES))
            for machine in self._machines
        }
        self._own: dict[str, tuple[str, ...]] = {}
        books.assets.append(
            Asset(
                id=f"process-{names.token(4)}",
                name="工艺配方",
                kind=AssetKind.KNOW_HOW,
                grade=Grade.CORE,
                owner=office.organisation.trade,
                home=office.site_id,
                patterns=tuple(f"{machine}/*" for machine in self._machines),
            )
        )

    def own(self, person: Person) -> Sequence[str]:
        """Return the recipes that an engineer works on."""
        if person.account not in self._own:
            machines = self._office.random.sample(self._machines, _OWN)
            self._own[person.account] = tuple(recipe for machine in machines for recipe in self._recipes[machine])
        return self._own[person.account]

    def others(self, person: Person) -> Sequence[str]:
        """Return the recipes that are not an engineer's own."""
        own = set(self.own(person))
        return [recipe for recipes in self._recipes.values() for recipe in recipes if recipe not in own]

    def work(self, person: Person, day: date) -> None:
        """Let an engineer who is at work fetch some of the own recipes."""
        random = self._office.random
        while random.random() < _A_DAY / (1 + _A_DAY):
            self.fetch(person, self._office.favourite(self.own(person)), self._office.moment(person, day, late=0.02))

    def fetch(self, person: Person, recipe: str, moment: datetime, tag: Tag | None = None) -> None:
        """Write that a recipe went from its machine to an engineer's computer."""
        record = ot.recipe_transfer(
            moment,
            equipment=recipe.partition("/")[0],
            host=person.host,
            user=person.account,
            recipe=recipe,
            size=self._office.size(20_000),
            direction="upload",
        )
        self._office.write(ot.GEM, moment, record, tag)
