"""Pseudonyms: keyed, stable, and none for what is nobody."""

from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.model.protocols import Pseudonymiser
from waybill.model.words import PartyKind
from waybill.register.pseudonyms import KeyedPseudonymiser

KEY = b"only for tests; thirty-two bytes"
ONE = KeyedPseudonymiser(KEY)


def p(identity: str, kind: PartyKind = PartyKind.PERSON) -> str:
    return ONE.pseudonym(identity, kind)


def test_it_is_what_the_model_asks_for() -> None:
    pseudonymiser: Pseudonymiser = ONE
    assert dict(pseudonymiser.known()) == {}


@given(st.text(min_size=1))
def test_a_pseudonym_tells_nothing_and_is_stable(identity: str) -> None:
    found = p(identity)
    if found != identity:
        assert re.fullmatch("p-[a-z2-7]{16}", found)
        assert found == p(identity) == KeyedPseudonymiser(KEY).pseudonym(identity, PartyKind.PERSON)
        assert KeyedPseudonymiser(b"x" * 32).pseudonym(identity, PartyKind.PERSON) != found
    assert p(found) == found


def test_case_blanks_and_windows_domains_make_no_difference() -> None:
    assert p("Li.Na") == p("li.na") == p(" LI.NA ") == p("CORP\\li.na") == p("other.example\\Li.na")
    assert p("li.na") != p("li.na@corp.example") != p("li.na@other.example")


@pytest.mark.parametrize("kind", [kind for kind in PartyKind if kind is not PartyKind.PERSON])
def test_others_than_persons_keep_their_names(kind: PartyKind) -> None:
    assert p("backup-job", kind) == "backup-job"


@pytest.mark.parametrize(
    "name",
    [
        "SYSTEM", "NT AUTHORITY\\SYSTEM", "nt authority\\anything", "LOCAL SERVICE", "NETWORK SERVICE", "CAD-07$",
        "CORP\\CAD-07$", "root", "S-1-5-18", "S-1-5-19", "S-1-5-32-544", "S-1-5-21-1-2-3-500", "Administrator",
        "Public", "Default", "All Users", "DWM-1", "UMFD-0", "ANONYMOUS LOGON", "-", "", "N/A", "BUILTIN\\Users",
    ],
)  # fmt: skip
def test_what_is_nobody_keeps_its_name(name: str) -> None:
    assert p(name) == name


@pytest.mark.parametrize(
    "name", ["systems", "S-1-5-21-1-2-3-1104", "S-1-12-1-1-2-3-4", "rooty", "p-short", "王伟", "$ann"]
)
def test_what_may_be_somebody_does_not(name: str) -> None:
    assert p(name) != name


def test_identities_of_one_person_share_the_pseudonym_the_register_gives() -> None:
    known = KeyedPseudonymiser(KEY, {"Li.Na": "p-aaaaaaaaaaaaaaaa", "ln@corp.example": "p-aaaaaaaaaaaaaaaa"})
    for identity in ("li.na", "LN@corp.example", "CORP\\li.na"):
        assert known.pseudonym(identity, PartyKind.PERSON) == "p-aaaaaaaaaaaaaaaa"
    assert dict(known.known()) == {"li.na": "p-aaaaaaaaaaaaaaaa", "ln@corp.example": "p-aaaaaaaaaaaaaaaa"}
    with pytest.raises(TypeError):
        known.known()["x"] = "y"  # type: ignore[index]


def test_it_pickles_and_shows_neither_key_nor_names() -> None:
    known = KeyedPseudonymiser(KEY, {"li.na": "p-aaaaaaaaaaaaaaaa"})
    assert pickle.loads(pickle.dumps(known)).pseudonym("ann", PartyKind.PERSON) == p("ann")
    assert "li.na" not in repr(known)
    assert KEY.decode() not in repr(known)


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 65])
def test_keys_of_a_wrong_length_are_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="16 to 64"):
        KeyedPseudonymiser(key)
