"""Surveys by schedule: read from the settings, done by night, with what opened and closed as their result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from waybill.control import close_database
from waybill.exposure.deployed.bundles import Signer
from waybill.flow.installation import Installation
from waybill.flow.surveys.plans import Plan, plans, survey_all
from waybill.flow.surveys.surveying import surveyed, without_login
from waybill.flow.tasks.jobs import job
from waybill.model.errors import UsageError, WaybillError


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    (tmp_path / "web").mkdir()
    (tmp_path / "web/index.html").write_text("")
    (tmp_path / "web/dump.sql").write_text("")
    lines = [f"storage {tmp_path}/web", f"storage {tmp_path}/none.json"]
    monkeypatch.setenv("WAYBILL_SURVEYS", json.dumps(lines))
    yield Installation.open(tmp_path / "data", create=True)
    close_database()


def test_as_on_the_command_line() -> None:
    told = plans([SecretStr("deployed --manifest a.json /srv/shop --trusted 'b c.pub'"), SecretStr("storage s3: /x")])
    assert told == [
        Plan("deployed", ("/srv/shop",), Path("a.json"), (Path("b c.pub"),)),
        Plan("storage", ("s3:", "/x"), None, ()),
    ]


def test_whose_bundles_count() -> None:
    line = "deployed /srv/shop --manifest a.json --sigstore-root root.json"
    (by_name, by_key) = plans(
        [SecretStr(f"{line} --identity me@shop.example --issuer https://x"), SecretStr(f"{line} --sigstore-key k.pub")]
    )
    assert by_name.signer == Signer(Path("root.json"), "me@shop.example", "https://x")
    assert by_key.signer == Signer(Path("root.json"), key=Path("k.pub"))


@pytest.mark.parametrize(
    "line",
    ["", "storage", "nothing x", "storage 'x", "storage x --secret hunter2", "drift a", "drift a b c",
     "deployed x --manifest a --sigstore-root r", "deployed x --manifest a --sigstore-key hunter2"],
)  # fmt: skip
def test_what_is_no_survey(line: str) -> None:
    with pytest.raises(UsageError) as error:
        plans([SecretStr(line)])
    assert "hunter2" not in str(error.value)


def test_by_night(installation: Installation, tmp_path: Path) -> None:
    night = job("survey")
    assert night.every(installation.settings) is not None
    told = survey_all(installation)
    assert (told["opened"], told["closed"], told["failed"]) == (1, 0, 1)
    (tmp_path / "web/dump.sql").unlink()
    assert night.run(installation) == {**told, "opened": 0, "closed": 1}
    assert [one.target for one in surveyed()] == [f"{tmp_path}/web"]


def test_drift_by_night(installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("x = 1\n")
    (tmp_path / "new/a.py").write_text("import requests\nrequests.post('https://new.example', data={})\n")
    monkeypatch.setenv("WAYBILL_SURVEYS", json.dumps([f"drift {tmp_path}/old {tmp_path}/new"]))
    told = survey_all(Installation.open(tmp_path / "data"))
    assert told["opened"] > 0
    assert survey_all(Installation.open(tmp_path / "data"))["opened"] == 0
    assert [one.target for one in surveyed()] == [f"{tmp_path}/new since {tmp_path}/old"]


def test_where_none_can_be_done(installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYBILL_SURVEYS", '["storage /nowhere.json"]')
    with pytest.raises(WaybillError):
        survey_all(Installation.open(tmp_path / "data"))


def test_logins_are_not_kept() -> None:
    assert without_login("postgresql://me:secret@db.example/shop?password=x") == "postgresql://db.example/shop"
    assert without_login("/srv/a@b?c") == "/srv/a@b?c"
