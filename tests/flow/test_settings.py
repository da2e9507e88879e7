"""Settings: file, environment, and errors that name the setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from waybill.flow.settings import SETTINGS_FILE, load_settings
from waybill.model.errors import UsageError


def test_environment_wins_over_file_wins_over_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(tmp_path).alert_budget == 50
    (tmp_path / SETTINGS_FILE).write_text("alert_budget = 7\nretention_months = 12\n")
    assert load_settings(tmp_path).alert_budget == 7
    monkeypatch.setenv("WAYBILL_ALERT_BUDGET", "9")
    assert load_settings(tmp_path).alert_budget == 9
    assert load_settings(tmp_path).retention_months == 12


@pytest.mark.parametrize("content", ["alert_budget = 0", "alert_budget = 'many'", "alert_bugdet = 5"])
def test_a_wrong_setting_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / SETTINGS_FILE).write_text(content)
    with pytest.raises(UsageError, match=content.split(" ", maxsplit=1)[0]) as error:
        load_settings(tmp_path)
    assert str(tmp_path / SETTINGS_FILE) in error.value.where


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text("alert_budget 5")
    with pytest.raises(UsageError, match="not TOML"):
        load_settings(tmp_path)
