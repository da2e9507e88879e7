"""Cases and playbooks by command, from the queue to verified containment and a bundle that verifies elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.console.filled import PERSON, SOURCE_OF_INTEREST, filled
from tests.console.site import Site, empty_site, site
from tests.console.test_pages import finding_of
from typer.testing import CliRunner

from waybill.cases import queries
from waybill.cli.app import app
from waybill.model.errors import WaybillError
from waybill.outbox import queue
from waybill.register.importing import read_folder
from waybill.register.records import import_reading

__all__ = ["empty_site", "filled", "site"]

DOCS = Path(__file__).parents[2] / "docs" / "cases.md"
CLOCK = "cn-incident-reporting/4-other"


class Commands:
    """The commands on one data folder."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def run(self, *words: str, exit_code: int = 0) -> str:
        """Run a command and return what it prints."""
        done = CliRunner().invoke(app, [*words, "--data", str(self._data)], catch_exceptions=True)
        if isinstance(done.exception, WaybillError):
            assert done.exception.exit_code == exit_code, done.exception.diagnostics()
            return done.exception.diagnostics()
        assert done.exit_code == exit_code, done.output + repr(done.exception)
        return done.output

    def json(self, *words: str, exit_code: int = 0) -> Any:
        """Run a command and return its result."""
        return json.loads(self.run(*words, "--json", exit_code=exit_code))


@pytest.fixture
def commands(filled: Site) -> Commands:
    """Return the commands on a folder with two cases."""
    return Commands(filled.data)


def case_of(asset: str) -> str:
    return str(queries.case_of(finding_of(asset)))


def test_a_case_goes_from_the_queue_to_its_end(commands: Commands, tmp_path: Path) -> None:
    number = case_of("plans")
    assert {str(one["number"]) for one in commands.json("case", "list")} >= {number, case_of("audit")}
    assert PERSON[:8] in commands.run("case", "show", number)
    commands.run("case", "assign", number, "team-a")
    commands.run("case", "note", number, "rang the vendor")
    commands.run("case", "judge", number, "--intent", "accident", "--severity", "low", "--reason", "a macro")
    commands.run(
        "case", "judge", number, "--persons", "12", "--amount", "9.50", "--currency", "cny", "--reason", "rows"
    )
    task = re.search(r"\d+", commands.run("case", "task", number, "ask", "--due", "2999-01-01"))
    assert task is not None
    commands.run("case", "task", number, task[0], "--done")
    (tmp_path / "mail.eml").write_bytes(b"x")
    commands.run("case", "evidence", number, str(tmp_path / "mail.eml"), "--reason", "the mail")
    said = ["cn_operator=yes", "ciio=no", "state_organ=no", "incident_grade=larger"]
    assert any(one["known"] == "larger" for one in commands.json("case", "facts", number, *said, "--reason", "annex"))
    assert "12 persons" in commands.run("case", "form", number, CLOCK)
    assert "still runs" in commands.run("case", "state", number, "closed", "--reason", "done", exit_code=2)
    for clock in commands.json("case", "clock", number):
        if clock["certain"] and clock["ended_at"] is None:
            commands.run("case", "clock", number, clock["id"], "--met", "--reason", "receipt 7")
    commands.run("case", "state", number, "closed", "--reason", "done")
    whole = commands.json("case", "show", number)
    assert (whole["case"]["state"], whole["case"]["intent"], whole["case"]["assignee"]) == (
        "closed",
        "accident",
        "team-a",
    )
    assert number not in {str(one["number"]) for one in commands.json("case", "list")}
    file = tmp_path / "case.zip"
    commands.run("case", "export", number, "--out", str(file), "--reason", "for the regulator")
    found = CliRunner().invoke(app, ["case", "verify", str(file), "--json"])
    assert found.exit_code == 0 and json.loads(found.output)["sound"]
    file.write_bytes(file.read_bytes()[:-50])
    assert CliRunner().invoke(app, ["case", "verify", str(file)]).exit_code != 0


def test_cases_are_merged_split_and_protected(commands: Commands) -> None:
    one, other = case_of("plans"), case_of("audit")
    commands.run("case", "merge", other, one, "--reason", "one deed")
    commands.run("case", "split", one, finding_of("audit")[:10], "--reason", "two")
    assert case_of("audit") not in {one, other}
    commands.run("case", "protect", one, "--reason", "a report", "--yes")
    for number in (one, case_of("audit")):
        told = commands.run("case", "show", number)
        assert PERSON[:8] not in told and SOURCE_OF_INTEREST[:8] not in told


WRONG = (
    "case show 999",
    "case judge 1 --reason x",
    "case state 1 flying --reason x",
    "case clock 1 none --met --drop --reason x",
    "case task 1 seven --done",
    "case facts 1 no_such_fact=yes --reason x",
    "case facts 1 aware=yesterday --reason x",
    "playbook runs 999",
)


def test_what_cannot_be_done_is_told(commands: Commands) -> None:
    for words in WRONG:
        assert commands.run(*words.split(), exit_code=2), words


def test_the_playbook_of_the_guide_holds_a_shipment(commands: Commands, filled: Site, tmp_path: Path) -> None:
    document = re.search(r"```json\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert document is not None
    file = tmp_path / "hold.json"
    file.write_text(document[1], encoding="utf-8")
    folder, here = tmp_path / "more", filled.installation
    folder.mkdir()
    (folder / "permits.csv").write_text("id,asset,basis\npermit-7,plans,licence\n", encoding="utf-8")
    import_reading(read_folder(folder), here.pseudonymiser, here.folder.key("identity"))

    def suspended() -> bool:
        return next(one for one in here.register().permits if one.id == "permit-7").suspended_from is not None

    value = ("--set", "__permit__=permit-7")
    assert commands.json("playbook", "check", str(file)) == []
    assert "permit-7" in commands.json("playbook", "dry-run", str(file), *value)[0]["call"]
    begun = ("--case", case_of("plans"), "--reason", "diverted", "--who", "li")
    waits = commands.json("playbook", "run", str(file), *value, *begun)
    assert waits["state"] == "waits" and not suspended()
    act = str(waits["acts"][0]["number"])
    commands.run("playbook", "approve", act, "--who", "li", "--reason", "mine", exit_code=2)
    done = commands.json("playbook", "approve", act, "--who", "wang", "--reason", "seen the papers")
    assert (done["state"], done["acts"][0]["state"]) == ("done", "in-force") and suspended()
    run = str(done["run"])
    assert commands.json("playbook", "runs", run)["acts"][0]["state"] == "in-force"
    assert "in-force" in commands.run("case", "show", case_of("plans"))
    assert commands.json("playbook", "undo", run, "--reason", "cleared")["state"] == "undone"
    assert not suspended()
    assert queue.standing().waiting == 0, "what was done is in the ledger at once"
    file.write_text(document[1].replace("permit.suspend", "permit.burn"), encoding="utf-8")
    assert "permit.burn" in commands.run("playbook", "check", str(file), exit_code=2)
    assert "permit.burn" in commands.run("playbook", "run", str(file), *value, *begun, exit_code=2)


def test_runs_of_a_case_that_withholds_who_acted_name_nobody(commands: Commands, tmp_path: Path) -> None:
    """A person in an act rests under a pseudonym, and where the public has an interest not even that is shown."""
    from tests.respond.samples import act, content

    file = tmp_path / "ring.json"
    manual = [{"type": "manual", "command": "ring __who__:value"}]
    file.write_bytes(
        content("ring", variables={"__who__": {"type": "string", "external": True}}, **act("a", commands=manual))
    )
    for asset, told in (("plans", True), ("audit", False)):
        begun = ("--case", case_of(asset), "--reason", "to ask", "--set", f"__who__={PERSON}", "--who", "li")
        waits = commands.json("playbook", "run", str(file), *begun)
        assert (PERSON in str(waits["acts"])) is told
        assert (PERSON in commands.run("playbook", "runs", str(waits["run"]), "--json")) is told
    assert commands.run("playbook", "runs", "--json").count(PERSON) == 1
