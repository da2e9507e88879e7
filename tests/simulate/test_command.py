"""``waybill simulate`` writes into a new folder and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from waybill.cli.simulate import command
from waybill.model.errors import UsageError


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(UsageError, match="not empty"):
        command(tmp_path)
    with pytest.raises(UsageError, match="not empty"):
        command(tmp_path / "mine.txt", score=True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_a_folder_there_must_be_a_score_to_show() -> None:
    with pytest.raises(UsageError, match="no folder"):
        command(None)
