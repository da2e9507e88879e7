"""``waybill trends``: from files to figures, calendars, accounts and a site."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.trends.invented import START, document
from typer.testing import CliRunner

from waybill.cli import main
from waybill.cli.app import app
from waybill.control import close_database
from waybill.model.errors import WaybillError


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with three years of incidents, and two records that were refused."""
    folder = tmp_path_factory.mktemp("trends")
    lines = []
    for number in range(600):
        day = START + timedelta(days=number * 2)
        moment = {"incident": {"year": day.year, "month": day.month, "day": day.day}}
        coded = {"created": f"{day + timedelta(days=20 + number % 60)}T00:00:00Z"}
        lines.append(document(incident_id=f"i-{number}", timeline=moment, plus=coded))
    lines += [document(incident_id="bad", action={"telepathy": {}}), document(timeline={"incident": {"year": 0}})]
    (folder / "incidents.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found = json.loads(run(folder / "data", "import", str(folder / "incidents.jsonl"), "--source", "made-up", "--json"))
    assert (found["added"], found["refused"]) == (600, 2)
    return folder / "data"


def run(data: Path, *words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["trends", *words, *(["--data", str(data)] if words[0] != "calendars" else [])])
    assert result.exit_code == code, (result.output, result.exception)
    close_database()
    return result.stdout


def refusal(data: Path, *words: str) -> WaybillError:
    result = CliRunner().invoke(app, ["trends", *words, "--data", str(data)])
    close_database()
    assert isinstance(result.exception, WaybillError), result.output
    return result.exception


def asked(data: Path, *words: str) -> Any:
    return json.loads(run(data, *words, "--json"))


def test_figures_are_told_in_both_forms(data: Path) -> None:
    assert "600" in run(data, "list")
    found = asked(data, "list", "--source", "made-up")
    assert found["incidents"] == 600 and found["command"] == "waybill trends list --source made-up"
    assert found["quality"]["refused"] == 2
    assert {one["name"]: one.get("share") for one in found["shares"]}["accident"] == 1.0


def test_refused_records_are_listed_with_their_reasons(data: Path) -> None:
    assert {one["field"] for one in asked(data, "refused")} == {"action", "timeline.incident"}


def test_calendars_are_listed_and_tested(data: Path) -> None:
    assert {"lunar-new-year", "npc-sessions"} <= {one["name"] for one in asked(data, "calendars")}
    found = asked(data, "effect", "npc-sessions", "--claim", "-34")
    (one,) = found["effects"]
    assert one["verdict"] == "too-small" and one["power"][0]["ratio"] == pytest.approx(0.66)
    assert any("no cause" in text["en"] for text in one["remarks"])
    assert "no verdict" in " ".join(run(data, "effect", "npc-sessions").split())


@pytest.mark.parametrize(
    "words",
    [
        ("effect", "no-such-calendar"), ("effect", "npc-sessions", "--country", "CN"), ("table", "year-intent"),
        ("table", "nothing"), ("effect", "npc-sessions", "--claim", "0"), ("publish", "9", "site"),
        ("account", "sign", "9"), ("account", "open", "made-up", "2026", "--limit", "much"),
        ("import", "nothing.json", "--source", "x"), ("control", "2026-01-01"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told(data: Path, words: tuple[str, ...]) -> None:
    error = refusal(data, *words)
    assert error.what and error.exit_code in {2, 3}


def test_a_set_of_data_cannot_take_the_name_of_cases(data: Path, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(document()))
    assert "name of a source" in refusal(data, "import", str(tmp_path / "one.json"), "--source", "cases").what


def test_tables_and_exports_are_files(data: Path, tmp_path: Path) -> None:
    assert run(data, "table", "trade-year").startswith("trade-year,2012,")
    assert asked(data, "table", "action-asset")["recovered"] == 0
    run(data, "export", str(tmp_path / "all.jsonl"))
    assert len((tmp_path / "all.jsonl").read_text().splitlines()) == 600
    run(data, "export", str(tmp_path / "tables"))
    assert len(list((tmp_path / "tables").glob("*.parquet"))) == 6


def test_a_release_goes_from_the_account_to_a_site(data: Path, tmp_path: Path) -> None:
    run(data, "account", "open", "made-up", "2026", "--limit", "1")
    words = ("made-up", "2026", "--epsilon", "1", "--from", "2012", "--to", "2015", "--reason", "report")
    number = str(asked(data, "account", "propose", *words)["release"])
    run(data, "account", "sign", number, "--who", "one")
    run(data, "account", "sign", number, "--who", "two")
    run(data, "publish", number, str(tmp_path / "site"))
    assert (tmp_path / "site" / "zh.html").exists()
    (standing,) = asked(data, "account", "list")
    assert standing["left"] == "0.0000" and standing["releases"][0]["state"] == "published"
    assert "published" in run(data, "account", "list")
    assert "budget" in refusal(data, "account", "propose", *words).what


def test_errors_are_no_traces(data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["waybill", "trends", "effect", "nothing", "--data", str(data)])
    with pytest.raises(SystemExit) as ended:
        main()
    close_database()
    assert ended.value.code == 2 and "Traceback" not in capsys.readouterr().err


def test_sets_of_data_are_not_tested_together(data: Path, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(document()))
    run(data, "import", str(tmp_path / "one.json"), "--source", "other")
    assert "not tested together" in refusal(data, "effect", "npc-sessions").what
    assert asked(data, "effect", "npc-sessions", "--source", "made-up")["effects"]
