"""``waybill behaviour`` as an analyst meets it: list, reasons, promise, fairness, feedback, an objection."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from waybill.cli.app import app
from waybill.control import close_database
from waybill.model.errors import UsageError

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
LAST = MONDAY + timedelta(days=46)


def waybill(*arguments: str | Path, data: Path) -> tuple[int, str, str]:
    """Run a command in this process; return exit code, standard output and standard error."""
    environment = {"WAYBILL_DATA": str(data), "WAYBILL_LANG": "en", "COLUMNS": "200", "WAYBILL_WORKERS": "0"}
    environment["WAYBILL_BEHAVIOUR_RATE"] = "0.005"
    try:
        done = CliRunner().invoke(app, [str(word) for word in arguments], env=environment)
    finally:
        close_database()
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def logs() -> str:
    """Return ordinary work of twenty people in Waybill's own format, and one who copies much on the last day."""
    chance = random.Random(1)
    lines = []
    for day in range(47):
        if (MONDAY + timedelta(days=day)).weekday() >= 5:
            continue
        for person in range(20):
            for _ in range(chance.randint(2, 7)):
                moment = MONDAY + timedelta(days=day, seconds=chance.randint(0, 30_000))
                seen = {"action": "read", "channel": "web", "to_place": f"site-{chance.randint(0, 9)}.example"}
                lines.append({"time": moment.isoformat(), "actor": f"person{person}", "actor_kind": "person", **seen})
    for number in range(40):
        moment = LAST + timedelta(hours=10, seconds=number)
        seen = {"action": "copy", "channel": "usb", "asset": f"plan-{number}", "to_place": "stick"}
        lines.append({"time": moment.isoformat(), "actor": "person3", "actor_kind": "person", "bytes": "5000", **seen})
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_from_the_list_to_the_answer(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "log.ndjson"
    log.write_text(logs(), encoding="utf-8")
    assert waybill("ingest", log, data=data)[0] == 0
    code, out, err = waybill("behaviour", "run", "--json", data=data)
    assert code == 0, err
    answer = json.loads(out)
    first = answer["watched"][0]
    assert answer["day"] == f"{LAST:%Y-%m-%d}"
    assert first["told"]
    assert "person3" not in out
    _, out, _ = waybill("behaviour", "run", "--cases", "1", data=data)
    assert "files to removable media 40" in out
    code, out, _ = waybill("behaviour", "explain", first["subject"], "--json", data=data)
    assert abs(sum(part["share"] for part in json.loads(out)[0]["parts"]) - 1) <= 1e-9
    assert waybill("behaviour", "explain", first["subject"], data=data)[0] == 0
    with pytest.raises(UsageError, match="nobody of this name"):
        waybill("behaviour", "explain", "p-nobody", data=data)
    weeks = json.loads(waybill("behaviour", "calibrate", "--json", data=data)[1])
    assert sum(week["told"] for week in weeks) >= 1
    assert "promised" in waybill("behaviour", "calibrate", data=data)[1]
    (share,) = json.loads(waybill("behaviour", "fairness", "--json", data=data)[1])
    assert share["ratio"] == 1
    assert "role" in waybill("behaviour", "fairness", data=data)[1]
    code, out, _ = waybill("findings", "--json", "--subject", first["subject"], data=data)
    (finding,) = [
        one["finding"]["id"] for one in json.loads(out)["findings"] if one["finding"]["detector"] == "behaviour"
    ]
    assert waybill("behaviour", "contest", finding, "--reason", "I moved house", data=data)[0] == 0
    assert waybill("behaviour", "confirm", finding[:6], "--reason", "admitted", data=data)[0] == 0
    shown = json.loads(waybill("findings", "show", finding, "--json", data=data)[1])
    assert [change["after"] for change in shown["history"]] == ["in_progress", "resolved"]
    assert waybill("behaviour", "benign", finding, "--reason", "it was agreed", data=data)[0] == 0
    assert waybill("behaviour", "run", data=data)[0] == 0  # takes the confirmation into account
