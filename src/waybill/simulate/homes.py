"""What a well-run organisation has in its register: its places, its people, and the folders of files it controls."""

from __future__ import annotations

from collections.abc import Mapping

from waybill.model.register import Asset, Party, Place
from waybill.model.words import AssetKind, Grade, PartyKind
from waybill.simulate.books import Books
from waybill.simulate.offices import Office
from waybill.simulate.trades import Trade


def register_homes(books: Books, offices: Mapping[Trade, Office]) -> None:
    """Register every organisation as its own people would."""
    for office in offices.values():
        _register_home(books, office)


def _register_home(books: Books, office: Office) -> None:
    organisation = office.organisation
    hosts = [person.host for person in organisation.people]
    books.places.append(
        Place(
            id=office.site_id,
            name=organisation.trade,
            jurisdiction="CN",
            patterns=(*hosts, *office.own_places),
        )
    )
    books.parties.append(Party(id=organisation.trade, kind=PartyKind.ORGANISATION, jurisdiction="CN"))
    for person in organisation.people:
        roles, aliases = (person.unit.role,), (person.number, person.login, organisation.mail(person))
        books.parties.append(
            Party(id=person.account, kind=PartyKind.PERSON, org=organisation.trade, roles=roles, aliases=aliases)
        )
    for number, unit in enumerate(office.plan.units):
        books.assets.append(
            Asset(
                id=f"{organisation.trade}-{number + 1}",
                name=f"{unit.name}受控文件",
                kind=AssetKind.DOCUMENT,
                grade=Grade.SENSITIVE if number % 2 else Grade.IMPORTANT,
                owner=organisation.trade,
                home=office.site_id,
                patterns=office.names_of_folder(office.controlled(unit)),
            )
        )
