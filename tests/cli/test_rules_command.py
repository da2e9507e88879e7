"""``waybill rules`` as a user meets it: tests, backtest, coverage, standing, update; English and Chinese."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.running import waybill
from tests.cli.test_commands import LEAK

RULE = """\
title: Stick
title_zh: 移动介质
id: 11111111-1111-4111-8111-111111111111
level: high
logsource: {product: waybill, category: transfer}
detection: {selection: {channel: usb, action: copy}, condition: selection}
tests:
  fires: [{channel: usb, action: copy}]
  silent: [{because: only read, channel: usb, action: read}]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rule, and a data folder with one record that it is about."""
    made = tmp_path_factory.mktemp("rules")
    (made / "rules").mkdir()
    (made / "rules" / "stick.yml").write_text(RULE, encoding="utf-8")
    (made / "log.ndjson").write_text(json.dumps(LEAK) + "\n")
    assert waybill("ingest", made / "log.ndjson", "--workers", "0", data=made / "data")[0] == 0
    return made


def test_tests_of_rules_decide_the_exit_code(folder: Path, tmp_path: Path) -> None:
    code, out, _ = waybill("rules", "test", folder / "rules")
    assert (code, "2 tests passed, 0 failed" in out) == (0, True)
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(RULE.replace("only read, channel: usb, action: read", "mistaken, channel: usb, action: copy"))
    code, out, _ = waybill("rules", "test", wrong)
    assert (code, "Stick: 2 (mistaken): fired" in out) == (1, True)
    wrong.write_text("title: [")
    assert waybill("rules", "test", wrong)[0] == 2


def test_a_backtest_counts_and_quotes(folder: Path) -> None:
    code, out, _ = waybill("rules", "backtest", folder / "rules", "--json", data=folder / "data")
    (rule,) = json.loads(out)["rules"]
    assert (code, rule["findings"], rule["days"]) == (0, 1, [{"day": "2026-03-02", "findings": 1}])
    _, out, _ = waybill("--lang", "zh", "rules", "backtest", folder / "rules", data=folder / "data")
    assert "移动介质：1 天内 1 项发现" in out


def test_coverage_and_standing_are_told(folder: Path) -> None:
    code, out, _ = waybill("rules", "coverage", "--json", data=folder / "data")
    channels = {one["name"]: one for one in json.loads(out)["channels"]}
    assert (code, channels["usb"]["records"], channels["email"]["records"]) == (0, 1, 0)
    assert "T1052.001 over USB" in waybill("rules", "coverage", data=folder / "data")[1]
    code, out, _ = waybill("rules", "standing", "--json", data=folder / "data")
    assert (code, {one["state"] for one in json.loads(out)["rules"]} <= {"did not fire", "not evaluable"}) == (0, True)


def test_an_update_is_told_before_and_after(folder: Path) -> None:
    told = waybill("rules", "update", folder / "rules", "--dry-run", data=folder / "data")
    assert told == waybill("rules", "update", folder / "rules", data=folder / "data")
    assert (told[0], "1 rules added" in told[1]) == (0, True)
    assert "0 rules added" in waybill("rules", "update", folder / "rules", data=folder / "data")[1]
