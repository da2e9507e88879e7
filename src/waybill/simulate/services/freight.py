"""Lots of the magnet maker: from the separation plant to the store, and to customers at home and abroad."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from waybill.model.register import Asset, Place
from waybill.model.words import AssetKind, Channel, Grade
from waybill.simulate.books import Books
from waybill.simulate.chain import identifiers
from waybill.simulate.custody import Assayed, CustodyRecords
from waybill.simulate.journal import Tag
from waybill.simulate.offices import Office, at
from waybill.simulate.people import Person
from waybill.simulate.sources import transfers
from waybill.simulate.working_days import is_working_day

_DECLARED = (99.0, 99.5, 99.9, 99.95, 99.99)
"""Purities that are traded, by mass in per cent."""
_GRADES = ("2N", "2N5", "3N", "3N5", "4N")
"""What the papers of each of them say."""
_MATERIALS = ("La2O3", "CeO2", "Pr6O11", "Nd2O3")
"""What is traded; none of it is controlled."""
_A_DAY = 4
"""Lots that are shipped on a working day."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys lots, under a licence where it is abroad."""

    place: str
    jurisdiction: str


class Freight:
    """The weigh-house and its customers."""

    def __init__(self, office: Office, books: Books, custody: CustodyRecords) -> None:
        """Register the lots, who buys them, and the licences; ``custody`` takes the events of the lots."""
        self._office, names = office, office.names
        self._custody = custody
        self.prefix = f"{names.of(('LOT', 'B', 'HT', 'RE'))}-{names.token(4).upper()}-"
        self._plant, self._store = f"plant-{names.token(4)}", f"store-{names.token(4)}"
        site = office.site_id
        here = custody.site(self._plant, "CN").patterns
        books.places += [
            Place(id=place, parent=site, jurisdiction="CN", patterns=patterns)
            for place, patterns in ((self._plant, here), (self._store, ()))
        ]
        asset = Asset(
            id=f"lots-{names.token(4)}",
            name="稀土产品批次",
            kind=AssetKind.MATERIAL,
            grade=Grade.CORE,
            owner=office.organisation.trade,
            home=site,
            patterns=(
                f"{self.prefix}*",
                *(f"https://id.gs1.org/01/{one}/*" for one in custody.catalogue.items.values()),
            ),
        )
        books.assets.append(asset)
        self.customers = tuple(
            Customer(f"works-{names.label()}", jurisdiction) for jurisdiction in ("CN", "CN", "CN", "JP", "DE")
        )
        for customer in self.customers:
            there = custody.site(customer.place, customer.jurisdiction).patterns
            books.places.append(Place(id=customer.place, jurisdiction=customer.jurisdiction, patterns=there))
            basis = "供货合同（示例）" if customer.jurisdiction == "CN" else "两用物项出口许可（示例）"
            books.permit(asset.id, customer.place, Channel.FREIGHT, basis)

    def work(self, day: date) -> None:
        """Put lots into the store and ship them, on working days."""
        if not is_working_day(day):
            return
        random = self._office.random
        for _ in range(_A_DAY):
            lot, declared = f"{self.prefix}{self._office.names.digits(6)}", self._office.names.of(_DECLARED)
            assayed = round(declared + (100 - declared) * random.uniform(0.02, 0.45), 5)
            made = at(day, 8 + 4 * random.random())
            self._move(made, lot, self._plant, self._store, kilograms=self.kilograms())
            customer = self._office.names.of(self.customers)
            self.ship(made + timedelta(hours=3 * random.random()), lot, customer, declared=declared, assayed=assayed)

    def kilograms(self) -> float:
        """Return the weight of a lot."""
        return round(self._office.random.uniform(40, 900), 1)

    def ship(
        self, moment: datetime, lot: str, customer: Customer, *, declared: float, assayed: float, tag: Tag | None = None
    ) -> None:
        """Ship an assayed lot to a customer, in the export of the weigh-house and as custody events.

        Purities are in per cent by mass.
        """
        office, kilograms = self._office, self.kilograms()
        record = transfers.lot(
            moment,
            asset=lot,
            quantity=kilograms,
            from_place=self._store,
            to_place=customer.place,
            to_jurisdiction=customer.jurisdiction,
            actor=self._clerk.account,
            actor_org=office.organisation.domain,
            declared=declared,
            assayed=assayed,
            document=f"AWB-{office.names.digits(9)}",
        )
        office.write(transfers.LOTS, moment, record, tag)
        material = _MATERIALS[int(lot[-6:]) % len(_MATERIALS)]
        made = Assayed(material, kilograms, assayed / 100, _GRADES[_DECLARED.index(declared)])
        item = identifiers.lot(self._custody.catalogue.items[material], lot)
        plant = self._custody.site(self._plant, "CN")
        self._custody.make(plant, moment - timedelta(hours=1), item, made, tag)
        self._custody.ship(plant, self._custody.site(customer.place, customer.jurisdiction), moment, item, made)

    def _move(self, moment: datetime, lot: str, origin: str, destination: str, *, kilograms: float) -> None:
        record = transfers.lot(
            moment,
            asset=lot,
            quantity=kilograms,
            from_place=origin,
            to_place=destination,
            actor=self._clerk.account,
            actor_org=self._office.organisation.domain,
        )
        self._office.write(transfers.LOTS, moment, record)

    @property
    def _clerk(self) -> Person:
        return self._office.organisation.in_unit("分离厂")[0]
