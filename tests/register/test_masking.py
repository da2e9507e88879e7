"""People of the register are known again in what is kept of logs, and by no name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from waybill.collect import Plan, built_in_mappings, collect
from waybill.detect.unauthorised import UnauthorisedDetector
from waybill.model.protocols import Tables
from waybill.register.channels import ProtectedChannels
from waybill.register.importing import read_folder
from waybill.register.masking import masked, read_masked
from waybill.register.pseudonyms import KeyedPseudonymiser

PSEUDONYMS = KeyedPseudonymiser(b"p" * 32)

EVENT = {
    "time": "2026-03-02T08:00:00Z",
    "action": "upload",
    "outcome": "success",
    "channel": "web",
    "actor_kind": "person",
    "from_place": "site.example",
    "to_place": "drop.example",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "places.csv").write_text("id,patterns\nsite,site.example\nlaptop-annika,\n")
    (tmp_path / "assets.csv").write_text(
        "id,name,kind,grade,home,patterns\n"
        "a1,Drawings of annika@works.example,document,core,site,"
        "/home/annika/designs/*;C:\\Users\\annika\\designs\\*;/home/*\n"
        "vault/annika/keys,Keys,credential,core,laptop-annika,\n"
    )
    (tmp_path / "parties.csv").write_text(
        "id,kind,org\nannika@works.example,person,works\nWORKS\\annika,person,works\nworks,organisation,\n"
    )
    (tmp_path / "permits.csv").write_text(
        'id,asset,party,basis\nP-1,a1,annika@works.example,"asked by WORKS\\annika"\n'
    )
    return tmp_path


def findings(folder: Path, **event: str) -> list[str]:
    register, people = read_masked(folder, PSEUDONYMS)
    known = KeyedPseudonymiser(b"p" * 32, {name: pseudonym for pseudonym, (name, _) in people.items()})
    log = folder / "log.ndjson"
    log.write_text(json.dumps(EVENT | event) + "\n")
    plan = Plan(b"i" * 32, known, ProtectedChannels(), built_in_mappings())
    (batch,) = collect([log], plan, workers=0)
    assert batch.rejected == []
    return [f.asset for f in UnauthorisedDetector().run(Tables(batch.transfers, register), {}).findings]


@pytest.mark.parametrize("path", ["/home/annika/designs/gear.dwg", "C:\\Users\\annika\\designs\\gear.dwg"])
@pytest.mark.parametrize(
    ("actor", "found"),
    [("annika@works.example", False), ("Annika@Works.Example", False), ("boris@works.example", True)],
)
def test_a_persons_permit_covers_the_person_in_a_real_log(folder: Path, path: str, actor: str, found: bool) -> None:
    assert findings(folder, actor=actor, asset=path) == (["a1"] if found else [])


@pytest.mark.parametrize("actor", ["annika@works.example", "boris@works.example"])
def test_an_asset_whose_id_names_an_account_is_known_whoever_moves_it(folder: Path, actor: str) -> None:
    assert findings(folder, actor=actor, asset="vault/annika/keys") == ["vault/annika/keys"]


def test_no_identity_is_left_in_the_snapshot(folder: Path) -> None:
    register, people = read_masked(folder, PSEUDONYMS)
    told = repr(register).casefold()
    assert not any(name in told for name in ("annika@works", "works\\\\annika", "/home/annika", "users\\\\annika"))
    assert {name.casefold() for name, _ in people.values()} >= {"annika@works.example", "works\\annika"}
    assert "/home/*" in register.assets[0].patterns
    assert register.assets[1].home == register.places[1].id


def test_masking_twice_changes_nothing_more(folder: Path) -> None:
    once, _ = masked(read_folder(folder), PSEUDONYMS)
    assert masked(once, PSEUDONYMS) == (once, {})
