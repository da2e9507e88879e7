"""``waybill assess``, ``rulebook`` and ``counters`` as a user meets them."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from waybill.cli import main
from waybill.flow.installation import Installation

Run = Callable[..., str]

USUAL = """\
us_person = false
us_item = false
us_destination = "other"
us_content_share = 0
eu_personal_data = false
secrecy_class = "none"
state_secret = false
foreign_authority = false
core_data = false
important_data = false
collected_abroad = false
cn_listed = false
cn_item = "NONE"
unlawful_rare_earth = false
made_abroad = false
cn_technology = false
chinese_assistance = false
cn_end_use_risk = false
cn_licence = false
"""
PLAN = """\
name = "trade statistics"
day = 2026-11-22
from_country = "CN"
to_country = "DE"
personal_data = false
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command and return what it printed."""

    def running(*words: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["waybill", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capfd.readouterr()
        assert (ended.value.code or 0) == code, told.err
        return told.out + told.err

    return running


@pytest.fixture
def plan(tmp_path: Path) -> list[str]:
    """Return the arguments for a plan that is permitted."""
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "usual.toml").write_text(USUAL, encoding="utf-8")
    return [str(tmp_path / "plan.toml"), "--facts", str(tmp_path / "usual.toml")]


def answers(told: str) -> dict[str, Any]:
    """Return the answers of the one transfer by regime."""
    (one,) = json.loads(told)
    return {answer["regime"]: answer for answer in one["answers"]}


def test_a_plan_without_a_data_folder(run: Run, plan: list[str], tmp_path: Path) -> None:
    nowhere = ["--data", str(tmp_path / "none")]
    found = answers(run("assess", *plan, *nowhere, "--json"))
    assert found["cn-data"]["outcome"] == "permitted"
    assert found["cn-data"]["verified"] is False, "the text of Order 16 is not at hand"
    assert "no legal advice" in run("--lang", "en", "assess", *plan, *nowhere)
    assert "不构成法律意见" in run("--lang", "zh", "assess", *plan, *nowhere)
    assert not (tmp_path / "none").exists()


def test_open_questions_exit_with_1(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"from_country": "CN", "to_country": "DE"}', encoding="utf-8")
    told = run("assess", str(tmp_path / "plan.json"), "--no-record", "--json", code=1)
    assert answers(told)["cn-data"]["outcome"] is None
    assert "state_secret" in answers(told)["cn-data"]["questions"]


def test_a_wrong_fact_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("to_country\nGermany\n", encoding="utf-8")
    told = run("assess", str(tmp_path / "plan.csv"), "--no-record", code=2)
    assert "plan.csv:2: to_country" in re.sub(r"\s+", " ", told)


def test_an_answer_is_kept_proved_and_made_again(run: Run, plan: list[str], tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "data")]
    Installation.open(tmp_path / "data", create=True)
    (one,) = json.loads(run("assess", *plan, *data, "--json"))
    assert json.loads(run("rulebook", "replay", one["record"], *data, "--json")) == {
        "record": one["record"], "same_rules": True, "flipped": {}
    }  # fmt: skip
    assert one["record"] in run("ledger", "records", _reference(tmp_path / "data", one["record"]), *data, "--json")
    own = tmp_path / "own.toml"
    own.write_text(
        'id = "company"\nregime = "cn-data"\nname = { en = "Own", zh = "自有" }\nsource = "here"\n'
        'first = 2026-01-01\nconfidence = "text"\n[[rules]]\nid = "company/1"\narticle = "1"\npriority = 5\n'
        'outcome = "prohibited"\nwhen = ["to_country = DE"]\nsays = { en = "No.", zh = "不。" }\n',
        encoding="utf-8",
    )
    (tmp_path / "data" / "waybill.toml").write_text(f'rulebook = ["{own}"]\n', encoding="utf-8")
    again = json.loads(run("rulebook", "replay", one["record"], *data, "--json", code=1))
    assert again["flipped"] == {"cn-data": ["permitted", "prohibited"]}
    assert not again["same_rules"]
    run("rulebook", "replay", "no-such-record", *data, code=2)


def _reference(data: Path, record: str) -> str:
    with sqlite3.connect(data / "control.sqlite3") as database:
        found = database.execute("SELECT reference FROM outbox_row WHERE record = ?", (record,)).fetchone()
    return str(found[0])


def test_the_rules_are_listed_shown_checked_and_compared(run: Run, tmp_path: Path) -> None:
    listed = json.loads(run("rulebook", "list", "--json", "--day", "2026-11-22", "--known", "2026-11-22"))
    unverified = [rule for rule in listed if not rule["verified"]]
    said = Path("docs/rulebook.md").read_text(encoding="utf-8")
    assert f"of the {len(listed)} rules on file {len(unverified)} are unverified" in said.replace("\n", " ")
    assert f"{len(listed)} rules on file, {len(unverified)} unverified" in Path("README.md").read_text(encoding="utf-8")
    assert "1,000,000" in run("rulebook", "show", "cn-order-16/7-2-persons")
    run("rulebook", "show", "cn-order-16/none", code=2)
    assert json.loads(run("rulebook", "check", "--json"))["failures"] == []
    changed = json.loads(run("rulebook", "diff", "2026-11-09", "2026-11-11", "--json"))
    assert "us-ear/affiliates" in {one["rule"] for one in changed}
    assert "persons_this_year" in run("rulebook", "facts", "--json")
    (tmp_path / "own.toml").write_text("id = 1", encoding="utf-8")
    assert "own.toml" in re.sub(r"\s+", "", run("rulebook", "check", str(tmp_path / "own.toml"), code=2))


QUOTE = "自当年1月1日起累计向境外提供100万人以上个人信息（不含敏感个人信息）的，应当申报数据出境安全评估。"


def test_a_person_verifies_a_rule_with_its_text(run: Run, tmp_path: Path) -> None:
    data, text, rule = ["--data", str(tmp_path / "data")], tmp_path / "text.txt", "cn-order-16/7-2-persons"
    verify = ["rulebook", "verify", rule, "--text", str(text), "--source", "cac.gov.cn", *data]
    text.write_text(QUOTE.replace("100万", "10万"), encoding="utf-8")
    assert "1,000,000" in run(*verify, code=2), "a text that misquotes the threshold"
    text.write_text(QUOTE + "\n", encoding="utf-8")
    assert json.loads(run(*verify, "--json"))["quote"] == QUOTE
    told = json.loads(run("rulebook", "show", rule, *data, "--json"))
    assert told["rule"]["verified"] and told["rule"]["quote"] == QUOTE
    assert not json.loads(run("rulebook", "show", rule, "--data", str(tmp_path / "other"), "--json"))["rule"][
        "verified"
    ]
    with sqlite3.connect(tmp_path / "data" / "control.sqlite3") as database:
        (content,) = database.execute("SELECT content FROM outbox_row WHERE kind = 'verification'").fetchone()
    assert json.loads(content)["evidence"] == {"quote": QUOTE, "source": "cac.gov.cn"}


def test_the_rulebook_heeds_the_settings_of_the_data_folder(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    run("counters", "list", "--data", str(data), code=2)  # there is none yet
    own = tmp_path / "own.toml"
    own.write_text(OWN, encoding="utf-8")
    (tmp_path / "exports.csv").write_text("day,exporter,recipient,category,basis,person\n", encoding="utf-8")
    run("counters", "add", str(tmp_path / "exports.csv"), "--data", str(data))
    (data / "waybill.toml").write_text(f'rulebook = ["{own}"]', encoding="utf-8")
    assert "own/1" in run("rulebook", "list", "--data", str(data), "--json")
    own.write_text(OWN.replace("prohibited", "prohibitd"), encoding="utf-8")
    assert "own.toml:7" in re.sub(r"\s+", "", run("rulebook", "check", "--data", str(data), code=2))


def test_a_change_of_rules_is_run_over_all_that_moved(run: Run, tmp_path: Path) -> None:
    data, folder = ["--data", str(tmp_path / "data")], tmp_path / "register"
    folder.mkdir()
    (folder / "places.csv").write_text(
        "id,patterns,jurisdiction\nhome,.home.example,CN\nlab,.lab.example,DE\n", encoding="utf-8"
    )
    (folder / "assets.csv").write_text(
        "id,name,kind,grade,home,patterns\nplans,Plans,data,sensitive,home,/plans/*\n", encoding="utf-8"
    )
    log = tmp_path / "log.jsonl"
    rows = [
        {"time": f"{day}T08:00:00Z", "action": "upload", "channel": "web", "actor": "li.na",
         "asset": f"/plans/{number}", "to_place": place, "outcome": "success"}
        for day in ("2025-12-31", "2026-03-01")
        for number, place in enumerate(["ftp.lab.example", "a.home.example"])
    ]  # fmt: skip
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run("ingest", str(log), "--source", "waybill", *data)
    run("register", "import", str(folder), *data)
    own = tmp_path / "own.toml"
    own.write_text(OWN, encoding="utf-8")
    same = json.loads(run("rulebook", "replay", *data, "--json"))
    assert (same["transfers"], same["flips"]) == (2, [])
    told = json.loads(run("rulebook", "replay", "--with", str(own), *data, "--json", code=1))
    (flip,) = told["flips"]
    assert (flip["regime"], flip["after"], flip["transfers"]) == ("cn-data", ["prohibited"], 1)
    assert (flip["asset"], flip["to_country"], flip["since"]) == ("plans", "DE", "2026-01-01")
    assert "plans" in run("rulebook", "replay", "--with", str(own), *data, code=1)


OWN = """\
id = "own"
regime = "cn-data"
name = { en = "Own", zh = "自有" }
source = "intranet"
first = 2026-01-01
confidence = "text"
[[rules]]
id = "own/1"
article = "1"
priority = 1
outcome = "prohibited"
when = ["to_country = DE", "asset_grade = sensitive"]
says = { en = "Nothing to Germany.", zh = "禁止提供至德国。" }
"""


def test_persons_are_counted_from_files(run: Run, tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "data")]
    file = tmp_path / "exports.csv"
    rows = [f"2026-11-{day:02d},shop,parent,personal,,C-{person}" for day in (1, 2) for person in range(30)]
    file.write_text("day,exporter,recipient,category,basis,person\n" + "\n".join(rows), encoding="utf-8")
    assert json.loads(run("counters", "add", str(file), *data, "--json")) == {"counted": 60}
    assert json.loads(run("counters", "add", str(file), *data, "--json")) == {"counted": 0}
    (count,) = json.loads(run("counters", "list", "--day", "2026-11-22", *data, "--json"))
    assert (count["persons"], count["threshold"], count["distance"]) == (30, 100_000, 99_970)
    assert json.loads(run("counters", "together", "shop", "sister", "--day", "2026-11-22", *data, "--json")) == {
        "personal": 30
    }
    assert b"C-1" not in (tmp_path / "data" / "control.sqlite3").read_bytes()
    assert "100,000" in run("counters", "list", "--day", "2026-11-22", *data)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("2026-13-01,shop,parent,personal,,C", "exports.csv:3: day"),
        ("2026-11-01,,parent,personal,,C", "exports.csv:3: exporter"),
        ("2026-11-01,shop,parent,secret,,C", "exports.csv:3: category"),
        ("2026-11-01,shop,parent,personal,love,C", "exports.csv:3: basis"),
    ],
)
def test_a_wrong_row_is_told_and_nothing_is_counted(run: Run, tmp_path: Path, row: str, place: str) -> None:
    data = ["--data", str(tmp_path / "data")]
    file = tmp_path / "exports.csv"
    good = "2026-11-01,shop,parent,personal,,C"
    file.write_text(f"day,exporter,recipient,category,basis,person\n{good}\n{row}\n", encoding="utf-8")
    assert place in re.sub(r"\s+", " ", run("counters", "add", str(file), *data, code=2))
    assert json.loads(run("counters", "list", *data, "--json")) == []


@pytest.fixture
def kept(run: Run, tmp_path: Path) -> list[str]:
    """Return the option of a data folder with an asset, a partner and a permit."""
    folder = tmp_path / "register"
    folder.mkdir()
    files = {
        "places": "id,jurisdiction\nworks,CN\n",
        "assets": "id,name,kind,grade,home\nsintering,How we sinter,know-how,general,works\n",
        "parties": "id,kind,jurisdiction\nnordic,organisation,SE\n",
        "permits": "id,asset,party,valid_until,basis\njoint,sintering,nordic,2030-01-01T00:00:00Z,contract 17\n",
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    data = ["--data", str(tmp_path / "data")]
    run("register", "import", str(folder), *data)
    return data


def test_people_take_and_leave_posts(run: Run, kept: list[str], tmp_path: Path) -> None:
    define = ["roles", "define", "lead", "--title", "Head", "--secrecy", "important", "--asset", "sintering", *kept]
    run(*define)
    assert "vetted" in run("roles", "take", "lead", "li.na", "--on", "2026-01-01", *kept)
    run("roles", "define", "boss", "--title", "Boss", *kept)
    run("roles", "take", "boss", "zhao.min", "--on", "2026-01-01", *kept)
    run(*define, "--approver", "boss")
    travel = json.loads(run("roles", "journey", "lead", "li.na", "SE", "--json", *kept, code=1))
    (answer,) = travel["answers"]
    assert answer["rules"][-1]["filing"] == "approval-of-journey" and len(travel["approvers"]) == 1
    assert "approved by p-" in run("roles", "journey", "lead", "li.na", "SE", *kept, code=1)
    run("roles", "journey", "lead", "li.na", "XQ", *kept, code=2)
    told = run("roles", "leave", "lead", "li.na", "--on", "2026-11-01", "--to", "Nordic", "--country", "SE", *kept)
    assert "access_revoked" in told
    assert "✓" in run("roles", "done", "lead", "li.na", "access_revoked", *kept)
    run("roles", "done", "lead", "li.na", "party", *kept, code=2)
    run("roles", "take", "nothing", "li.na", "--on", "2026-01-01", *kept, code=2)
    listed = json.loads(run("roles", "list", "--json", *kept))
    (holding,) = [one for one in listed["holdings"] if one["post"]["id"] == "lead"]
    assert holding["person"].startswith("p-") and holding["goes_to_country"] == "SE"
    told = run("roles", "checklist", "lead", "li.na", "--json", *kept)
    steps = {one["fact"]: bool(one["done"]) for one in json.loads(told)}
    assert steps["access_revoked"] and not steps["talk_held"]
    assert "lead" in run("roles", "list", *kept)
    assert b"li.na" not in (tmp_path / "data" / "control.sqlite3").read_bytes()


def test_a_partner_is_screened_and_an_authority_consulted(run: Run, kept: list[str], tmp_path: Path) -> None:
    listed = {"id": "a", "schema": "Company", "properties": {"name": ["Nordic AB"], "topics": ["sanction"]}}
    file = tmp_path / "list.json"
    file.write_text(json.dumps(listed), encoding="utf-8")
    found = json.loads(run("screen", "NORDIC", "--list", str(file), *kept, "--json", code=1))
    assert (found["parties"], found["matches"][0]["score"]) == (1, 100.0)
    assert "sanction" in run("screen", "Nordic", "--list", str(file), *kept, code=1)
    run("screen", "Entirely different", "--list", str(file), *kept)
    run("screen", "Nordic", *kept, code=2)
    Path(tmp_path / "data" / "waybill.toml").write_text(f'screening = ["{file}"]', encoding="utf-8")
    run("consult", "joint", "--to", str(tmp_path / "file.md"), *kept)
    text = (tmp_path / "file.md").read_text(encoding="utf-8")
    assert "contract 17" in text and "| Nordic AB | 100 |" in text
    assert "contract 17" in run("consult", "joint", *kept)
    run("consult", "other", *kept, code=2)


def test_an_asset_is_graded_by_command(run: Run, kept: list[str]) -> None:
    assert "health_data" in run("grades", "tell", "sintering", "health_data=yes", "persons_in_asset=12", *kept)
    run("grades", "tell", "sintering", "health_data", *kept, code=2)
    run("grades", "tell", "sintering", "persons_in_asset=-1", *kept, code=2)
    run("grades", "tell", "nothing", "health_data=yes", *kept, code=2)
    (one,) = json.loads(run("grades", "list", "--open", "--json", *kept))
    assert one["suggested"] == "sensitive"
    run("grades", "confirm", "sintering", "sensitive", "--reason", "health", *kept)
    assert json.loads(run("grades", "list", "--open", "--json", *kept)) == []
    assert "sensitive" in run("grades", "list", *kept)


def test_deadlines_are_listed(run: Run) -> None:
    listed = {one["id"]: one for one in json.loads(run("rulebook", "deadlines", "--json"))}
    other = listed["cn-incident-reporting/4-other"]
    assert (other["length"], other["unit"], other["verified"]) == (4, "hours", False)
    assert "72 h" in run("rulebook", "deadlines")
