"""People of the register are known again in what is kept of logs, and by no name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from waybill.collect import Plan, built_in_mappings, collect
from waybill.detect.unauthorised import UnauthorisedDetector
from waybill.model.protocols import Tables
from waybill.model.words import PartyKind
from waybill.register.channels import ProtectedChannels
from waybill.register.importing import RegisterError, read_folder
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
        "id,asset,party,end_use,basis\n"
        'P-1,a1,annika@works.example,"for annika@works.example","asked by WORKS\\annika"\n'
    )
    return tmp_path


def findings(folder: Path, **event: str) -> list[str]:
    register, people = read_masked(folder, PSEUDONYMS)
    known = KeyedPseudonymiser(b"p" * 32, people)
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
    assert {name.casefold() for name in people} >= {"annika@works.example", "works\\annika"}
    assert "/home/*" in register.assets[0].patterns
    assert register.assets[1].home == register.places[1].id


def test_masking_twice_changes_nothing_more(folder: Path) -> None:
    once = masked(read_folder(folder), PSEUDONYMS).reading
    assert masked(once, PSEUDONYMS) == (once, {}, {})


ALIASES = "id,kind,aliases\nli.na,person,li.na@corp.example;E10234;李娜\nwang.wu,person,E10999\n"


@pytest.mark.parametrize("name", ["li.na", "LI.NA@corp.example", "CORP\\li.na", "e10234", "李娜"])
def test_every_name_of_a_person_is_one_actor(tmp_path: Path, name: str) -> None:
    (tmp_path / "parties.csv").write_text(ALIASES, encoding="utf-8")
    register, known = read_masked(tmp_path, PSEUDONYMS)
    pseudonymiser = KeyedPseudonymiser(b"p" * 32, known)
    assert pseudonymiser.pseudonym(name, PartyKind.PERSON) == PSEUDONYMS.pseudonym("li.na", PartyKind.PERSON)
    assert pseudonymiser.pseudonym("E10999", PartyKind.PERSON) != pseudonymiser.pseudonym(name, PartyKind.PERSON)
    assert [party.aliases for party in register.parties] == [(), ()]


def test_an_alias_stands_for_the_person_in_the_register_too(tmp_path: Path) -> None:
    (tmp_path / "parties.csv").write_text(ALIASES, encoding="utf-8")
    (tmp_path / "assets.csv").write_text("id,name,kind,grade,owner\na1,Plan of E10234,document,core,E10234\n")
    register, _ = read_masked(tmp_path, PSEUDONYMS)
    person = PSEUDONYMS.pseudonym("li.na", PartyKind.PERSON)
    assert (register.assets[0].owner, register.assets[0].name) == (person, f"Plan of {person}")


@pytest.mark.parametrize(
    ("party", "what"),
    [
        ("wu,person,e10234", "Another person has this alias."),
        ("wu,person,root", "The name is nobody's."),
        ("works,organisation,w", "Only people have aliases."),
    ],
)
def test_aliases_that_cannot_be_are_told(tmp_path: Path, party: str, what: str) -> None:
    (tmp_path / "parties.csv").write_text(f"id,kind,aliases\nli.na,person,E10234\n{party}\n")
    with pytest.raises(RegisterError) as refused:
        read_masked(tmp_path, PSEUDONYMS)
    assert [(one.line, one.column, one.what) for one in refused.value.problems] == [(3, "aliases", what)]
