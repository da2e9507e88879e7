"""``waybill balance``: accounts, claims, quotas and the product flow by command."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from waybill.cli.app import app
from waybill.model.errors import UsageError
from waybill.simulate.chain import make
from waybill.simulate.chain.sites import Task

RUN = CliRunner()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A data folder that knows a chain of a week, and the name of its plant."""
    folder = tmp_path_factory.mktemp("balance")
    chain = make(3, weeks=1)
    documents = folder / "documents"
    documents.mkdir()
    for number, (_, document) in enumerate(chain.documents(together=timedelta(days=400))):
        (documents / f"{number}.jsonld").write_text(json.dumps(document), encoding="utf-8")
    assert RUN.invoke(app, ["epcis", "capture", str(documents), "--data", str(folder / "data")]).exit_code == 0
    plant = next(site for site in chain.sites if site.task is Task.PLANT)
    return str(folder / "data"), plant.id


def test_accounts_are_listed_and_end_with_zero(data: tuple[str, str]) -> None:
    done = RUN.invoke(app, ["balance", "accounts", "--data", data[0], "--site", data[1], "--json"])
    found = json.loads(done.stdout)
    assert done.exit_code == 0 and {one["site"] for one in found} == {data[1]}
    assert any(one["material"] == "Dy2O3" for one in found)


def test_an_overdrawn_quota_exits_1(data: tuple[str, str], tmp_path: Path) -> None:
    file = tmp_path / "quotas.toml"
    file.write_text(
        f'[[quotas]]\nsite = "{data[1]}"\nactivity = "separation"\nbasis = ""\n'
        "first = 2025-01-01\nlast = 2025-12-31\nkilograms = 1.0\n"
    )
    done = RUN.invoke(app, ["balance", "quotas", str(file), "--data", data[0], "--json"])
    (use,) = json.loads(done.stdout)
    assert done.exit_code == 1 and use["left"] == pytest.approx(1 - use["used"])


def test_the_product_flow_is_written_with_its_deadline(data: tuple[str, str], tmp_path: Path) -> None:
    file = tmp_path / "flow.csv"
    done = RUN.invoke(app, ["balance", "flow", "2025-06", "--data", data[0], "-o", str(file)])
    assert done.exit_code == 0 and "2025-07-10" in done.stderr
    assert file.read_text(encoding="utf-8-sig").startswith(
        "site,month,movement,material,partner,lots,kilograms,oxides\n"
    )


@pytest.mark.parametrize(
    "arguments", [["flow", "2025-13"], ["claims", "Nd", "--model", "barter"], ["codes", "Nd", "--on", "soon"]]
)
def test_what_is_not_understood_is_told(data: tuple[str, str], arguments: list[str]) -> None:
    more = [] if arguments[0] == "codes" else ["--data", data[0]]
    assert isinstance(RUN.invoke(app, ["balance", *arguments, *more]).exception, UsageError)


def test_codes_say_how_sure_they_are() -> None:
    done = RUN.invoke(app, ["balance", "codes", "Dy2O3", "--on", "2025-06-01", "--json"])
    assert {(one["code"], one["certainty"]) for one in json.loads(done.stdout)} == {
        ("284690", "secondary"),
        ("1C905", "assumed"),
    }
