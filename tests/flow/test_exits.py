"""What leaves the service is a transfer: recorded, refused without a role, and judged by the register's permits."""

from __future__ import annotations

from pathlib import Path

import pytest

from waybill.access.accounts import Account, Assignment
from waybill.access.roles import Role
from waybill.flow.exits import Exit, let_out
from waybill.flow.installation import Installation
from waybill.flow.questions import Wanted, page
from waybill.flow.reception import ForbiddenError
from waybill.model.words import Grade
from waybill.register.importing import read_folder

PERSON = "p-" + "a" * 16


def analyst(grade: Grade = Grade.CORE, *organisations: str) -> Account:
    """Return an account that may export up to a grade."""
    return Account(PERSON, True, (Assignment(role=Role.ANALYST, grade=grade, organisations=organisations),))


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    """Return a fresh installation."""
    return Installation.open(tmp_path / "data", create=True)


def register(here: Installation, folder: Path, **files: str) -> None:
    """Import files of the register."""
    from waybill.register.records import import_reading

    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    import_reading(read_folder(folder), here.pseudonymiser, here.folder.key("identity"))


def recorded(here: Installation) -> list[tuple[str, str, str, str]]:
    """Return what left, oldest first."""
    rows = page(here, Wanted(source="waybill"), limit=10).rows
    return [(row["actor"], row["asset"], row["outcome"], row["grade"]) for row in reversed(rows)]


def test_what_leaves_is_a_transfer(here: Installation) -> None:
    leaving = Exit(what="transfers", contents=frozenset({("", "core"), ("one", None)}), records=3, bytes=100)
    let_out(here, leaving, analyst())
    let_out(here, Exit(what="alert", to_place="mail.example"), None)
    assert recorded(here) == [
        (PERSON, "waybill/transfers", "success", "core"),
        ("waybill", "waybill/alert", "success", "general"),
    ]


@pytest.mark.parametrize(
    "account",
    [
        analyst(Grade.IMPORTANT),
        analyst(Grade.CORE, "two"),
        Account(PERSON, True, (Assignment(role=Role.ADMINISTRATOR),)),
        Account(PERSON, False, (Assignment(role=Role.ANALYST),)),
        Account(PERSON, True, ()),
    ],
)
def test_without_a_role_nothing_leaves_and_the_attempt_is_recorded(here: Installation, account: Account) -> None:
    with pytest.raises(ForbiddenError):
        let_out(here, Exit(what="findings", contents=frozenset({("one", "core")})), account)
    assert recorded(here) == [(PERSON, "waybill/findings", "blocked", "core")]


def test_the_registers_permits_hold_for_the_service_itself(here: Installation, tmp_path: Path) -> None:
    assets = "id,name,kind,grade,patterns\nown,What we watch,data,important,waybill/*\n"
    register(here, tmp_path / "files", assets=assets)
    with pytest.raises(ForbiddenError, match="no permit"):
        let_out(here, Exit(what="report"), analyst())
    permits = f"id,asset,party,channel,max_records,basis\none,own,{PERSON},web,5,board\n"
    register(here, tmp_path / "files", parties=f"id,kind\n{PERSON},person\n", permits=permits)
    let_out(here, Exit(what="report", records=3), analyst())
    with pytest.raises(ForbiddenError):
        let_out(here, Exit(what="report", records=6), analyst())
    assert [(what, outcome) for _, what, outcome, _ in recorded(here)] == [
        ("waybill/report", "blocked"),
        ("waybill/report", "success"),
        ("waybill/report", "blocked"),
    ]
