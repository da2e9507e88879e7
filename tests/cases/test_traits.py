"""What joins findings says something: no account that all machines have, no way out that all take, nobody withheld."""

from __future__ import annotations

from tests.findings.samples import finding

from waybill.cases.traits import MOST_DESTINATIONS, Trait, traits_of
from waybill.cases.words import Link
from waybill.model.register import Asset, Party, Place, RegisterSnapshot
from waybill.model.words import AssetKind, Grade, PartyKind

PERSON = "p-" + "a" * 16
REGISTER = RegisterSnapshot(
    assets=tuple(
        Asset(id=str(kind), name=str(kind), kind=kind, grade=Grade.CORE, patterns=(f"/{kind}/*",)) for kind in AssetKind
    ),
    parties=(Party(id="svc-report", kind=PartyKind.SERVICE),),
    places=(Place(id="gate", patterns=("gate.example",), approved_egress=True),),
)


def traits(subject: str = "", asset: str = "", *destinations: str, withheld: bool = False) -> set[Trait]:
    return set(traits_of(finding(subject=subject, asset=asset), REGISTER, destinations, withheld=withheld))


def test_code_and_material_are_told_as_change_and_lot() -> None:
    assert traits(asset="/code/x") == {Trait(Link.CHANGE, "code")}
    assert traits(asset="/material/7") == {Trait(Link.LOT, "material")}
    assert traits(asset="/document/7") == {Trait(Link.ASSET, "document")}
    assert traits(asset="C:\\Windows\\curl.exe") == set()


def test_people_and_known_services_join_and_common_accounts_do_not() -> None:
    assert traits(f"CORP\\{PERSON}") == traits(f"{PERSON}@corp.example") == {Trait(Link.ACTOR, PERSON)}
    assert traits("svc-report") == {Trait(Link.ACTOR, "svc-report")}
    assert traits("root") == traits("SYSTEM") == set()


def test_places_that_say_nothing_join_nothing() -> None:
    for place in ("", "-", "public", "gate.example", "10.0.0.7", "192.168.1.1", "::1", "fe80::1"):
        assert traits("", "", place) == set(), place
    for place in ("drop.example", "93.184.216.34", "USBSTOR\\DISK&7", "s3://bucket"):
        assert traits("", "", place) == {Trait(Link.DESTINATION, place.casefold())}
    many = [f"d{number}.example" for number in range(MOST_DESTINATIONS + 1)]
    assert traits("", "", *many) == set()


def test_where_who_acted_is_withheld_only_the_asset_joins() -> None:
    assert traits(PERSON, "/document/7", "drop.example", withheld=True) == {Trait(Link.ASSET, "document")}
