"""Marked copies take two people, are found again, and are never made of what the public has an interest in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.content.test_canaries import prose
from tests.flow.assets import installation_with

from waybill.cli.app import app
from waybill.content.parsing import Readers
from waybill.flow import canaries as flow
from waybill.flow.discovery.running import walk
from waybill.flow.discovery.targets import target
from waybill.flow.installation import Installation
from waybill.model.errors import UsageError

ASSETS = "id,name,kind,grade,public_interest\nrecipe,Recipe,document,core,false\nwater,Water,document,important,true\n"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Return an installation with a recipe, and an audit that the public has an interest in."""
    with installation_with(ASSETS, tmp_path) as opened:
        yield opened


def delivered(installation: Installation, recipient: str, content: bytes) -> bytes:
    """Return the copy that a recipient gets."""
    from waybill.register import canaries

    asked = canaries.ask(canaries.CanaryKind.COPY, "plan.txt", "recipe", recipient, "delivery", who="one")
    canaries.decide(asked.number, True, "agreed", who="other")
    return flow.make(installation, asked.number, content, who="one")


def test_a_copy_found_outside_names_its_delivery(installation: Installation, tmp_path: Path) -> None:
    text = prose(1, 200).encode()
    copies = {name: delivered(installation, name, text) for name in ("a.example", "b.example", "c.example")}
    folder = tmp_path / "found"
    folder.mkdir()
    (folder / "upload.txt").write_bytes(copies["b.example"][500:-500])
    (folder / "original.txt").write_bytes(text)
    with Readers() as readers:
        (sighting,) = flow.find(installation, folder / "upload.txt", readers)
        assert sighting.delivery.id == "delivery-2"
        assert flow.find(installation, folder / "original.txt", readers) == []
        walked = walk(installation, target(str(folder)), readers, who="tester")
    held = {found.name: [one.delivery for one in found.documents] for found in walked.found}
    assert held == {"upload.txt": ["delivery-2"], "original.txt": []}
    (content,) = installation.register().contents
    assert (content.name, content.delivery) == ("upload.txt", "delivery-2")


def test_a_decoy_in_a_file_is_a_sighting_and_no_plain_value_is_kept(installation: Installation, tmp_path: Path) -> None:
    from waybill.register import canaries

    rows = "name,phone\n" + "".join(f"n{n},1381234{n:04d}\n" for n in range(50))
    asked = canaries.ask(canaries.CanaryKind.DECOYS, "staff.csv", "recipe", "a.example", "a test", who="one")
    canaries.decide(asked.number, True, "agreed", who="other")
    made = flow.make(installation, asked.number, rows.encode(), who="one").decode()
    (decoy, *_) = sorted(set(made.splitlines()) - set(rows.splitlines()))
    phone = decoy.rpartition(",")[2]
    folder = tmp_path / "found"
    folder.mkdir()
    (folder / "call-list.txt").write_text(f"call {phone[:3]} {phone[3:7]} {phone[7:]} tomorrow", encoding="utf-8")
    (folder / "own-staff.csv").write_text(rows, encoding="utf-8")
    with Readers() as readers:
        walked = walk(installation, target(str(folder)), readers, who="tester")
    held = {found.name: [one.delivery for one in found.documents] for found in walked.found}
    assert held == {"call-list.txt": ["delivery-1"], "own-staff.csv": []}
    assert not any(phone.encode() in path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())


def test_two_people_are_needed(installation: Installation) -> None:
    from waybill.register import canaries

    asked = canaries.ask(canaries.CanaryKind.COPY, "plan.txt", "recipe", "a.example", "delivery", who="one")
    with pytest.raises(UsageError, match="not approved"):
        flow.make(installation, asked.number, prose(1).encode(), who="one")
    with pytest.raises(UsageError, match="nobody approves"):
        canaries.decide(asked.number, True, "agreed", who="one")
    with pytest.raises(UsageError, match="no reason"):
        canaries.decide(asked.number, True, " ", who="other")
    canaries.decide(asked.number, False, "not now", who="other")
    with pytest.raises(UsageError, match="not approved"):
        flow.make(installation, asked.number, prose(1).encode(), who="one")
    with pytest.raises(UsageError, match="decided already"):
        canaries.decide(asked.number, True, "after all", who="third")


def test_nothing_of_public_interest_is_marked(installation: Installation) -> None:
    from waybill.register import canaries, models

    with pytest.raises(UsageError, match="public has an interest"):
        canaries.ask(canaries.CanaryKind.COPY, "audit.txt", "water", "a.example", "delivery", who="one")
    with pytest.raises(UsageError, match="no such asset"):
        canaries.ask(canaries.CanaryKind.COPY, "audit.txt", "", "a.example", "delivery", who="one")
    asked = canaries.ask(canaries.CanaryKind.COPY, "plan.txt", "recipe", "a.example", "delivery", who="one")
    canaries.decide(asked.number, True, "agreed", who="other")
    models.Asset.objects.filter(pk="recipe").update(public_interest=True)
    with pytest.raises(UsageError, match="public has an interest"):
        flow.make(installation, asked.number, prose(1).encode(), who="one")


def test_every_step_is_in_the_ledger(installation: Installation) -> None:
    from waybill.outbox import models as outbox

    delivered(installation, "a.example", prose(1).encode())
    assert outbox.Row.objects.filter(kind="canary").count() == 3


def test_the_commands(installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from waybill.register import canaries

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            app(["--lang", "en", *arguments, "--data", str(tmp_path / "data")], prog_name="waybill")
        return int(ended.value.code or 0), capsys.readouterr().out

    terms = ["--recipient", "a.example", "--asset", "recipe", "--reason", "delivery"]
    assert run("canary", "ask", "plan.txt", *terms)[0] == 0
    canaries.decide(1, True, "agreed", who="other")
    (tmp_path / "plan.txt").write_text(prose(1), encoding="utf-8")
    copy = tmp_path / "copy.txt"
    assert run("canary", "make", "1", str(tmp_path / "plan.txt"), "-o", str(copy))[0] == 0
    assert "made" in run("canary", "list")[1]
    code, text = run("canary", "find", str(copy))
    assert (code, "a.example" in text) == (1, True)
    assert run("canary", "find", str(tmp_path / "plan.txt"))[0] == 0
