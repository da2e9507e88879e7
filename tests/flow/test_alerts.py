"""Messages about new findings: together, once, late rather than never, and without anybody's name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from tests.findings.samples import finding
from tests.flow.receiving import Hook, Mailbox

from waybill.control import close_database
from waybill.flow.installation import Installation
from waybill.model.findings import Finding, Text
from waybill.model.words import Severity

PERSON = "p-abcdefghijklmnop"
OTHER = "p-ponmlkjihgfedcba"

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # Apprise asks for it where it exists


@pytest.fixture
def hook() -> Iterator[Hook]:
    """Run a web server."""
    with Hook() as hook:
        yield hook


def installation(root: Path, *addresses: str, **settings: object) -> Installation:
    """Return an installation that tells these addresses; it has an asset of each of two grades."""
    made = Installation.open(root / "data", create=True)
    from waybill.register import records
    from waybill.register.importing import read_folder

    folder = root / "register"
    folder.mkdir(exist_ok=True)
    (folder / "assets.csv").write_text(
        "id,name,kind,grade\nmenu,Menu of the week,data,general\nkiln,Kiln curve,data,core\n"
    )
    records.import_reading(read_folder(folder), made.pseudonymiser, made.folder.key("identity"), where="register")
    lines = [f"alerts = {json.dumps(addresses)}"] + [
        f"{name} = {json.dumps(value)}" for name, value in settings.items()
    ]
    (root / "data" / "waybill.toml").write_text("\n".join(lines))
    return Installation.open(root / "data")


def store(*numbers: int, **fields: object) -> list[Finding]:
    """Store new findings."""
    from waybill.findings.store import DatabaseFindingStore

    kept = DatabaseFindingStore()
    new = [msgspec.structs.replace(finding(n), **{"severity": Severity.HIGH, **fields}) for n in numbers]
    kept.commit("d", new, {}, kept.cursor("d"))
    return new


def tell(here: Installation, after: float = 0.0) -> object:
    """Let a round begin so many seconds from now."""
    from waybill.flow.alerts.telling import tell

    return tell(here, datetime.now(UTC) + timedelta(seconds=after))


def test_what_was_found_before_is_not_told_and_what_comes_is_told_together(tmp_path: Path, hook: Hook) -> None:
    here = installation(tmp_path, hook.address)
    store(1, 2)
    tell(here)
    assert not hook.got
    store(3, 4, 5)
    store(6, severity=Severity.LOW)
    tell(here)
    tell(here)
    (text,) = hook.texts()
    assert text.startswith("Waybill: 3 new findings (3 high)")
    assert all(finding(n).id[:12] in text for n in (3, 4, 5))
    close_database()


def test_further_findings_wait_for_the_next_message(tmp_path: Path, hook: Hook) -> None:
    here = installation(tmp_path, hook.address, alert_seconds=300)
    tell(here)
    store(1)
    tell(here, 1)
    store(2)
    tell(here, 2)
    store(3)
    tell(here, 200)
    assert len(hook.got) == 1, "one message in five minutes"
    tell(here, 302)
    assert [text.split(" new")[0] for text in hook.texts()] == ["Waybill: 1", "Waybill: 2"]
    close_database()


def test_a_receiver_that_is_down_for_a_while_gets_it_later_and_once(tmp_path: Path, hook: Hook) -> None:
    with Mailbox() as mailbox:
        here = installation(tmp_path, hook.address, mailbox.address, alert_seconds=60)
        tell(here)
        hook.down()
        store(1)
        tell(here, 1)
        assert len(mailbox.got) == 1, "one that is down holds up nobody else"
        store(2)
        tell(here, 2)
        from waybill.flow.alerts.telling import is_due, standings

        assert not is_due(here, datetime.now(UTC) + timedelta(seconds=3)), "it is not asked at once again"
        assert [one.attempts for one in standings(here)] == [1, 0]
        hook.up()
        tell(here, 13)
        tell(here, 14)
        assert [text.split(" new")[0] for text in hook.texts()] == ["Waybill: 1"]
        tell(here, 100)
        tell(here, 101)
    assert [text.split(" new")[0] for text in hook.texts()] == ["Waybill: 1"] * 2
    assert [text.split(" new")[0] for text in mailbox.texts()] == ["Waybill: 1"] * 2
    close_database()


def test_a_process_that_dies_after_making_a_message_sends_it_later(tmp_path: Path, hook: Hook) -> None:
    from datetime import datetime as moment

    here = installation(tmp_path, hook.address)
    tell(here)
    store(1)
    from waybill.findings import alerting
    from waybill.flow.alerts.telling import standings

    (one,) = standings(here)
    assert alerting.gather(one.mark, Severity.HIGH, moment.now(UTC)) is not None
    tell(Installation.open(tmp_path / "data"))
    assert len(hook.got) == 1
    close_database()


def test_nobody_is_named_and_assets_only_as_far_as_allowed(tmp_path: Path, hook: Hook) -> None:
    with Mailbox() as mailbox:
        here = installation(tmp_path, hook.address, mailbox.address, alert_grade="general", alert_seconds=0)
        tell(here)
        sentence = Text(f"{PERSON} took Kiln curve to /home/{OTHER}/kiln", "…")
        store(1, subject=PERSON, asset="kiln", sentence=sentence)
        store(2, subject=f"{PERSON}@example.com", asset="menu", title=Text(f"Much by {OTHER}", "…"))
        store(3, subject="LI-NA$", asset="/home/li.na/secret.doc")
        tell(here, 1)
        told = "\n".join(hook.texts() + mailbox.texts())
        assert not re.search(rf"{PERSON}|{OTHER}|Kiln|li\.na|LI-NA|secret|example\.com", told)
        assert "Menu of the week" in told and "an asset graded core" in told
        outside = [set(re.findall(r"x-[a-z2-7]{16}", "\n".join(one.texts()))) for one in (hook, mailbox)]
        assert [len(names) for names in outside] == [1, 1], "one person is one to a receiver"
        assert outside[0] != outside[1], "and another to another"
        store(4, subject=PERSON)
        tell(here, 40 * 86_400)
        assert len(set(re.findall(r"x-[a-z2-7]{16}", "\n".join(hook.texts())))) == 2, "and another next month"
    close_database()


def test_what_was_settled_meanwhile_is_not_told(tmp_path: Path, hook: Hook) -> None:
    from waybill.flow.alerts.telling import standings

    here = installation(tmp_path, hook.address, alert_seconds=0)
    tell(here)
    hook.down()
    (one, _) = store(1, 2)
    tell(here, 1)
    from waybill.findings.handling import set_state
    from waybill.findings.states import FindingState

    set_state([one.id, finding(2).id], FindingState.RESOLVED, who="officer", reason="a drill")
    hook.up()
    tell(here, 60)
    assert not hook.got
    assert standings(here)[0].since is None
    close_database()


def test_each_message_is_recorded(tmp_path: Path, hook: Hook) -> None:
    here = installation(tmp_path, hook.address)
    tell(here)
    store(1)
    tell(here, 1)
    from waybill.outbox import models
    from waybill.outbox.kinds import Kind

    (row,) = models.Row.objects.filter(kind=Kind.ALERT)
    with here.lake.snapshot() as snapshot:
        (left,) = snapshot.query("SELECT asset, outcome, channel, records FROM transfers").to_pylist()
    assert left == {"asset": "waybill:alerts", "outcome": "success", "channel": "web", "records": 1}
    assert '"findings":1' in row.content and "hidden-word" not in row.content and "127.0.0.1" not in row.content
    close_database()


def test_a_message_that_no_permit_covers_stays_inside(tmp_path: Path, hook: Hook) -> None:
    here = installation(tmp_path, hook.address)
    assets = tmp_path / "register" / "assets.csv"
    assets.write_text("id,name,kind,grade,patterns\nwaybill,What Waybill says,data,core,waybill:*\n", encoding="utf-8")
    from waybill.register import records
    from waybill.register.importing import read_folder

    records.import_reading(
        read_folder(assets.parent), here.pseudonymiser, here.folder.key("identity"), where="register"
    )
    tell(here)
    store(1)
    tell(here, 1)
    assert not hook.got
    with here.lake.snapshot() as snapshot:
        assert snapshot.query("SELECT outcome FROM transfers").to_pylist() == [{"outcome": "blocked"}]
    close_database()


def test_no_secret_of_an_address_is_shown(tmp_path: Path, hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    from typer.testing import CliRunner

    from waybill.cli.app import app

    installation(tmp_path, hook.address, "jsons://user:hidden-word@127.0.0.1:1/x", "nonsense://hidden-word")
    close_database()
    shown = ""
    for command in (
        ["settings"],
        ["settings", "--json"],
        ["alerts", "list"],
        ["alerts", "list", "--json"],
        ["alerts", "test"],
    ):
        result = CliRunner().invoke(app, [*command, "--data", str(tmp_path / "data")])
        assert result.exit_code == (1 if command[-1] == "test" else 0), result.output
        shown += result.output
    assert "alerts" in shown and "hidden-word" not in shown + caplog.text
    assert [one["message"] for one in hook.got] == ["A test: messages from Waybill get here."]


def test_what_is_no_address_is_told_without_repeating_it(tmp_path: Path) -> None:
    from waybill.model.errors import UsageError

    here = installation(tmp_path, "hidden-word")
    with pytest.raises(UsageError) as told:
        tell(here)
    assert "hidden-word" not in told.value.diagnostics()
    close_database()


def test_very_many_findings_are_told_in_parts_that_miss_none(
    tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from waybill.findings import alerting

    monkeypatch.setattr(alerting, "MOST", 5)
    here = installation(tmp_path, hook.address, alert_seconds=0)
    tell(here)
    for number in range(1, 13):
        store(number)
    store(*range(13, 21))  # more than fit, stored together
    for round_ in range(1, 9):
        tell(here, round_)
    counts = [int(text.split()[1]) for text in hook.texts()]
    assert sum(counts) == 20 and max(counts) == 8
    close_database()
