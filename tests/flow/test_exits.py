"""What leaves the service is a transfer: kept, and judged by the register's permits like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from waybill.flow.exits import Exit, leave
from waybill.flow.installation import Installation
from waybill.flow.intake.reception import ForbiddenError
from waybill.flow.questions import Wanted, page
from waybill.model.words import Grade
from waybill.register.importing import read_folder

PERSON = "p-" + "a" * 16


def leaving(records: int = 1, *, who: str = PERSON, grade: Grade | None = None) -> Exit:
    """Return something that is to leave."""
    return Exit("waybill:transfers", who, "regulator.example", "inquiry 17", records, 100, grade)


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


def kept(here: Installation) -> list[tuple[object, ...]]:
    """Return what left or was stopped, oldest first."""
    rows = page(here, Wanted(asset="waybill:"), limit=10).rows
    return [(row["actor"], row["actor_kind"], row["outcome"], row["grade"], row["records"]) for row in reversed(rows)]


def test_what_leaves_is_a_transfer(here: Installation) -> None:
    leave(here, here.register(), leaving(3, grade=Grade.CORE))
    leave(here, here.register(), leaving(4, who="waybill"))
    assert kept(here) == [
        (PERSON, "person", "success", "core", 3),
        ("waybill", "service", "success", None, 4),
    ]


def test_the_registers_permits_hold_for_the_service_itself(here: Installation, tmp_path: Path) -> None:
    files = tmp_path / "files"
    register(here, files, assets="id,name,kind,grade,patterns\nown,What we watch,data,important,waybill:*\n")
    with pytest.raises(ForbiddenError, match="No permit"):
        leave(here, here.register(), leaving(1, grade=Grade.SENSITIVE))
    permits = f"id,asset,party,channel,max_records,basis\none,own,{PERSON},web,5,board\n"
    register(here, files, parties=f"id,kind\n{PERSON},person\n", permits=permits)
    leave(here, here.register(), leaving(3))
    with pytest.raises(ForbiddenError):
        leave(here, here.register(), leaving(6))
    with pytest.raises(ForbiddenError):
        leave(here, here.register(), leaving(1, who="p-" + "b" * 16))
    assert [row[2] for row in kept(here)] == ["blocked", "success", "blocked", "blocked"]
