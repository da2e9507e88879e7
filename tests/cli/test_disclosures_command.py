"""``waybill disclosures``, ``duties`` and ``prices`` as a user meets them, on the examples of their page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from waybill.cli.app import app
from waybill.control import close_database
from waybill.register.importing import RegisterError

PAGE = Path(__file__).parents[2] / "docs" / "disclosures.md"


def waybill(*arguments: str | Path, data: Path) -> tuple[int, str, str]:
    """Run a command in this process; return exit code, standard output and standard error."""
    environment = {"WAYBILL_DATA": str(data), "WAYBILL_LANG": "en", "COLUMNS": "200", "WAYBILL_WORKERS": "0"}
    try:
        done = CliRunner().invoke(app, [str(word) for word in arguments], env=environment)
    finally:
        close_database()
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Path]:
    """The tables of the page as files, by what they hold."""
    blocks = re.findall(r"```csv\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    files = {}
    for name, block in zip(("disclosures", "duties", "prices"), blocks, strict=True):
        files[name] = tmp_path / f"{name}.csv"
        files[name].write_text(block, encoding="utf-8")
    return files


def test_the_examples_of_the_page_are_imported_checked_and_told(tables: dict[str, Path], tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name, file in tables.items():
        code, out, err = waybill(name, "import", file, data=data)
        assert code == 0 and "new" in out, err
    code, out, err = waybill("disclosures", "check", "--json", data=data)
    assert (code, json.loads(out)) == (0, []), err
    code, out, _ = waybill("disclosures", "list", data=data)
    assert code == 0 and "INC-7" in out and "amended" in out and "deaths=3; injured=2" in out
    code, out, _ = waybill("disclosures", "export", data=data)
    assert code == 0 and len(out.splitlines()) == 4
    code, _, err = waybill("detect", "--detector", "disclosure", data=data)
    assert code == 0 and "price P-1: 1 comparable references" in err


def test_check_tells_what_was_filed_otherwise_in_both_languages(tables: dict[str, Path], tmp_path: Path) -> None:
    data, file = tmp_path / "data", tables["disclosures"]
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(lines[:3]), encoding="utf-8")
    waybill("disclosures", "import", file, data=data)
    code, out, _ = waybill("disclosures", "check", data=data)
    assert code == 1 and "deaths 1 instead of 3" in " ".join(out.split())
    code, out, _ = waybill("--lang", "zh", "disclosures", "check", data=data)
    assert code == 1 and "死亡人数报为 1，内部报告为 3" in "".join(out.splitlines())
    (account,) = json.loads(waybill("disclosures", "list", "--json", data=data)[1])
    (flaw,) = account["flaws"]
    assert flaw["fault"] == "differs" and [one["name"] for one in flaw["differences"]] == ["deaths"]
    code, _, _ = waybill("detect", data=data)
    assert code == 1


def test_a_wrong_line_is_named_and_nothing_taken(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "reports.csv"
    file.write_text("id,stage,event,organisation,made_at\nR,internal,E,mine,yesterday\n", encoding="utf-8")
    with pytest.raises(RegisterError, match="1 mistake") as refused:
        waybill("disclosures", "import", file, data=data)
    assert [(one.line, one.column) for one in refused.value.problems] == [(2, "made_at")]
    code, out, _ = waybill("disclosures", "list", data=data)
    assert code == 0 and "No reports yet" in out
