"""Accounts balance, claims cannot exceed what came in, quotas count oxides, and the product flow has its deadline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.epcis.chain import amount, document, event, lot

from waybill.epcis.balance.accounts import Account, accounts, in_terms_of
from waybill.epcis.balance.claims import credits, mixtures
from waybill.epcis.balance.models import NAMES, Model
from waybill.epcis.balance.product_flow import as_csv, due, product_flow
from waybill.epcis.balance.quotas import Activity, Quota, drawn, read_quotas
from waybill.epcis.capturing import capture
from waybill.epcis.document import read_document
from waybill.epcis.history.contents import Contents
from waybill.epcis.history.history import History
from waybill.epcis.store import Store
from waybill.epcis.tables import custody
from waybill.model.errors import UsageError
from waybill.model.register import Place, RegisterSnapshot

MINE, PLANT, BUYER = (f"https://id.gs1.org/414/952000000000{n}" for n in (1, 2, 3))
REGISTER = RegisterSnapshot(
    places=tuple(
        Place(id=name, patterns=(place,)) for name, place in (("mine", MINE), ("plant", PLANT), ("buyer", BUYER))
    )
)
CONCENTRATE, OXIDE, OTHER, METAL = lot(11, "C1"), lot(12, "O1"), lot(12, "O2"), lot(13, "M1")


def made(item: str, kilograms: float, day: int, place: str, **stated: str) -> dict[str, Any]:
    """Return that a lot came into being."""
    said = {f"waybill:{name}": value for name, value in stated.items()}
    return event(
        "ObjectEvent", day, action="ADD", bizStep="commissioning", quantityList=[amount(item, kilograms)],
        readPoint={"id": place}, ilmd=said,
    )  # fmt: skip


def moved(step: str, item: str, kilograms: float, day: int, place: str, *, other: str = BUYER) -> dict[str, Any]:
    """Return that a lot was shipped or received."""
    ends = (place, other) if step == "shipping" else (other, place)
    return event(
        "ObjectEvent", day, action="OBSERVE", bizStep=step, quantityList=[amount(item, kilograms)],
        readPoint={"id": place}, sourceList=[{"type": "location", "source": ends[0]}],
        destinationList=[{"type": "location", "destination": ends[1]}],
    )  # fmt: skip


def turned(inputs: Sequence[tuple[str, float]], outputs: Sequence[tuple[str, float]], day: int, **stated: str) -> Any:
    """Return that lots were made of others, at the plant."""
    return event(
        "TransformationEvent", day, bizStep="other", readPoint={"id": PLANT},
        inputQuantityList=[amount(*one) for one in inputs], outputQuantityList=[amount(*one) for one in outputs],
        ilmd={f"waybill:{name}": value for name, value in stated.items()},
    )  # fmt: skip


def known(folder: Path, *events: dict[str, Any]) -> History:
    """Return the history that some events make."""
    store = Store(folder / "custody.sqlite3")
    capture(
        store, read_document(document(*events)), submitter="plant", now=datetime(2026, 11, 1, tzinfo=UTC),
        identify=lambda raw: hashlib.blake2b(raw, digest_size=16).digest(), clean=lambda event: event,
    )  # fmt: skip
    return History(custody(store), REGISTER)


def of(found: list[Account], site: str, material: str) -> Account:
    """Return the account of a site and material."""
    (one,) = [one for one in found if (one.site, one.material) == (site, material)]
    return one


def test_an_account_adds_up_and_carries_over(tmp_path: Path) -> None:
    history = known(
        tmp_path,
        made(OXIDE, 100, 1, PLANT, material="Nd2O3"),
        turned([(OXIDE, 60)], [(METAL, 50)], 2, material="Nd"),
        moved("shipping", OXIDE, 30, 3, PLANT),
        moved("receiving", OXIDE, 30, 5, BUYER, other=PLANT),
    )
    found = accounts(history)
    oxide = of(found, "plant", "Nd2O3")
    assert (oxide.opening, oxide.made, oxide.used, oxide.shipped, oxide.closing) == (0, 100, 60, 30, 10)
    assert oxide.contained["Nd"] == pytest.approx(8.574, abs=1e-3) and oxide.balanced
    assert of(found, "plant", "Nd").closing == 50 and of(found, "buyer", "Nd2O3").received == 30
    assert in_terms_of(found, "Nd2O3", "Nd") == pytest.approx(10 + 30 + 50 / 0.857354, rel=1e-4)


def test_a_month_opens_with_what_the_last_one_closed_with_and_months_are_those_of_china(tmp_path: Path) -> None:
    late = made(OXIDE, 5, 31, PLANT, material="Nd2O3") | {"eventTime": "2026-03-31T17:00:00Z"}
    march, april = accounts(known(tmp_path, made(OTHER, 100, 1, PLANT, material="Nd2O3"), late))
    assert (march.month, april.month) == (date(2026, 3, 1), date(2026, 4, 1))
    assert (march.closing, april.opening, april.closing) == (100, 100, 105)


def test_an_overdrawn_account_says_so(tmp_path: Path) -> None:
    history = known(tmp_path, made(OXIDE, 10, 1, PLANT, material="Nd2O3"), moved("shipping", OXIDE, 12, 2, PLANT))
    (account,) = accounts(history)
    assert account.closing == -2 and not account.balanced


def test_more_cannot_be_claimed_than_came_in_by_what_it_holds(tmp_path: Path) -> None:
    history = known(
        tmp_path,
        made(OXIDE, 100, 1, MINE, material="Nd2O3", characteristic="recycled"),
        moved("shipping", OXIDE, 100, 2, MINE, other=PLANT),
        moved("receiving", OXIDE, 100, 3, PLANT, other=MINE),
        turned([(OXIDE, 100), (OTHER, 100)], [(METAL, 160)], 4, material="Nd", characteristic="recycled"),
        moved("shipping", METAL, 80, 5, PLANT),
        moved("shipping", METAL, 10, 6, PLANT),
    )
    found = {one.site: one for one in credits(history, Contents(history), "Nd")}
    assert found["plant"].credited == pytest.approx(85.735, abs=1e-3) and found["plant"].debited == 90
    assert not found["plant"].reconciled and found["mine"].reconciled


@pytest.mark.parametrize(
    ("model", "inputs"),
    [(Model.SEGREGATED, {OTHER}), (Model.IDENTITY_PRESERVED, {OTHER}), (Model.MASS_BALANCE, set())],
)
def test_models_that_follow_the_goods_forbid_mixing(tmp_path: Path, model: Model, inputs: set[str]) -> None:
    history = known(
        tmp_path,
        made(OXIDE, 10, 1, PLANT, characteristic="certified"),
        made(OTHER, 10, 1, PLANT, characteristic="other"),
        turned([(OXIDE, 10), (OTHER, 10)], [(METAL, 16)], 2, characteristic="certified"),
    )
    found = list(mixtures(history, model))
    assert {item.rpartition("/")[2] for one in found for item in one.inputs} == {
        one.rpartition(".")[2] for one in inputs
    }
    assert set(NAMES) == set(Model)


def test_identity_is_not_preserved_where_two_certified_lots_are_mixed(tmp_path: Path) -> None:
    history = known(
        tmp_path,
        made(OXIDE, 10, 1, PLANT, characteristic="certified"),
        made(OTHER, 10, 1, PLANT, characteristic="certified"),
        turned([(OXIDE, 10), (OTHER, 10)], [(METAL, 16)], 2, characteristic="certified"),
    )
    assert not list(mixtures(history, Model.SEGREGATED))
    assert len(list(mixtures(history, Model.IDENTITY_PRESERVED))) == 1


def test_quotas_count_oxides_of_ore_by_assay_and_of_what_was_separated(tmp_path: Path) -> None:
    assay = {"sensorReport": [{"type": "MassFraction", "value": 5, "uom": "P1",
                               "chemicalSubstance": "https://example.org/substance/CeO2"}]}  # fmt: skip
    ore = made(CONCENTRATE, 1000, 1, MINE, material="ore") | {"sensorElementList": [assay]}
    history = known(
        tmp_path,
        ore,
        made(OTHER, 70, 1, PLANT, material="concentrate"),
        turned([(OTHER, 60)], [(OXIDE, 40)], 2, material="CeO2"),
        turned([(OXIDE, 40)], [(METAL, 30)], 3, material="Ce"),
    )
    year: dict[str, Any] = {"first": date(2026, 1, 1), "last": date(2026, 12, 31), "basis": "invented"}
    quotas = [
        Quota(site="mine", activity=Activity.MINING, kilograms=40, **year),
        Quota(site="plant", activity=Activity.SEPARATION, kilograms=50, **year),
        Quota(
            site="plant", activity=Activity.SEPARATION, kilograms=50, basis="",
            first=date(2025, 1, 1), last=date(2025, 12, 31),
        ),
    ]  # fmt: skip
    mined, separated, before = drawn(quotas, history, Contents(history))
    assert mined.used == pytest.approx(50) and mined.left == pytest.approx(-10)
    assert separated.used == pytest.approx(40) and before.used == 0


def test_quotas_are_read_from_toml_and_faults_are_told(tmp_path: Path) -> None:
    file = tmp_path / "quotas.toml"
    file.write_text(
        '[[quotas]]\nsite = "mine"\nactivity = "mining"\nbasis = ""\n'
        "first = 2026-01-01\nlast = 2026-12-31\nkilograms = 5.0\n"
    )
    assert read_quotas(file)[0].activity is Activity.MINING
    file.write_text('[[quotas]]\nsite = "mine"\n')
    with pytest.raises(UsageError, match="quotas"):
        read_quotas(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_quotas(tmp_path / "none.toml")


def test_the_product_flow_names_partners_and_is_due_on_the_tenth(tmp_path: Path) -> None:
    history = known(
        tmp_path, made(OXIDE, 100, 1, PLANT, material="Nd2O3"), moved("shipping", OXIDE, 30, 3, PLANT),
        moved("shipping", OXIDE, 20, 4, PLANT),
    )  # fmt: skip
    rows = product_flow(history, Contents(history), date(2026, 3, 1), "plant")
    assert [(one.movement, one.partner, one.lots, one.kilograms) for one in rows] == [
        ("made", "", 1, 100.0),
        ("shipped", "buyer", 1, 50.0),
    ]
    assert rows[0].oxides == pytest.approx(100)
    assert as_csv(rows).splitlines()[2] == "plant,2026-03,shipped,Nd2O3,buyer,1,50.0,50.0"
    assert product_flow(history, Contents(history), date(2026, 4, 1)) == []
    assert due(date(2026, 3, 1)) == datetime(2026, 4, 10, 16, tzinfo=UTC)
    assert due(date(2026, 12, 1)) == datetime(2027, 1, 10, 16, tzinfo=UTC)


def test_no_events_make_no_accounts(tmp_path: Path) -> None:
    store = Store(tmp_path / "none.sqlite3")
    history = History(custody(store), RegisterSnapshot())
    assert accounts(history) == [] and json.dumps(credits(history, Contents(history), "Nd")) == "[]"
