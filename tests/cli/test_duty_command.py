"""Duty by command: planned, swapped, handed over, told as JSON; people by their logins on the screen alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.cli.test_case_commands import Commands
from tests.console.filled import filled
from tests.console.site import Site, empty_site, site

__all__ = ["empty_site", "filled", "site"]

BEGINS = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M}"


@pytest.fixture
def commands(filled: Site) -> Commands:
    """Return the commands on a folder in which two people are on call in turn."""
    here = Commands(filled.data)
    here.run(
        "duty", "plan", "li.na", "wang.wei", "--begins", BEGINS, "--hours", "12", "--count", "2", "--who", "lead.yu"
    )
    return here


def test_who_is_on_call_is_listed_with_gaps(commands: Commands, filled: Site) -> None:
    shown, told = commands.run("duty", "list"), commands.json("duty", "list")
    assert "li.na" in shown and "nobody" in shown
    assert [one["number"] for one in told["shifts"]] == [1, 2] and len(told["gaps"]) == 1
    assert all(one["person"].startswith("p-") for one in told["shifts"])
    rest = b"".join(path.read_bytes() for path in filled.data.rglob("*") if path.is_file())
    assert b"li.na" not in rest and b"wang.wei" not in rest
    again = ("duty", "plan", "zhao.yu", "--begins", BEGINS, "--count", "1")
    assert "already" in commands.run(*again, exit_code=2)


def test_a_shift_is_swapped_and_handed_over(commands: Commands) -> None:
    swap = ("duty", "swap", "2", "--to", "zhao.yu", "--reason", "a wedding")
    assert "given away" in commands.run(*swap, "--who", "li.na", exit_code=2)
    number = commands.json(*swap, "--who", "wang.wei")["swap"]
    assert f"swap {number}: wang.wei asks zhao.yu" in commands.run("duty", "list")
    commands.run("duty", "answer", str(number), "--who", "zhao.yu")
    assert "zhao.yu" in commands.run("duty", "list")
    handed = commands.json("duty", "hand-over", "all is quiet", "--who", "li.na")["handover"]
    commands.run("duty", "take-over", str(handed), "--who", "zhao.yu")
    assert "handed to you" in commands.run("duty", "take-over", str(handed), "--who", "zhao.yu", exit_code=2)
    commands.run("duty", "remove", "2", "--reason", "a holiday", "--who", "lead.yu")
    assert len(commands.json("duty", "list")["shifts"]) == 1


def test_the_report_tells_what_is_open_and_done(commands: Commands) -> None:
    commands.run("case", "note", "1", "rang the vendor", "--who", "li.na")
    told, shown = commands.json("duty", "report"), commands.run("duty", "report")
    assert {one["case"] for one in told["open"]} and "Open cases" in shown and "li.na → wang.wei" in shown
    assert [one["acts"][0]["reason"] for one in told["done"] if one["case"] == 1] == ["rang the vendor"]
    assert set(told) == {
        "begins_at", "ends_at", "shift", "follows", "due", "in_force", "waiting", "open", "done", "gaps",
    }  # fmt: skip
    assert commands.json("duty", "report", "--shift", "2")["shift"]["number"] == 2
    assert "no such shift" in commands.run("duty", "report", "--shift", "9", exit_code=2)
