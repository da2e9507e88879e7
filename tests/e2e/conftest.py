"""The service on the demo's data, and somebody signed in who may see everything."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.console.running import Service, waybill
from tests.e2e.browser import CHROMIUM, Visitor, browser, invite, join
from tests.epcis.chain import document, whole_chain
from tests.trends.invented import years_of
from typer.testing import CliRunner

from waybill.access.roles import Role
from waybill.cli.app import app
from waybill.trends import veris


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here, and skip it where there is no browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium here: install it, or name it by WAYBILL_CHROMIUM"))


@pytest.fixture(scope="session")
def pictures() -> Path | None:
    """Return where pictures of the pages are to be kept, None if nobody wants any."""
    wanted = os.environ.get("WAYBILL_SCREENSHOTS")
    return Path(wanted) if wanted else None


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder filled with the small world; that of `make demo` is copied where there is one."""
    folder = tmp_path_factory.mktemp("demo")
    made = Path(os.environ.get("WAYBILL_DEMO", "demo")) / "data"
    if (made / "FORMAT").exists():
        shutil.copytree(made, folder / "data")
    else:
        command = ["simulate", str(folder / "world"), "--score", "--play"]
        result = CliRunner().invoke(app, command, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        shutil.move(folder / "world" / "data", folder / "data")
    (folder / "chain.jsonld").write_bytes(document(*whole_chain()))
    waybill(folder / "data", "epcis", "capture", str(folder / "chain.jsonld"))
    incidents = [veris.write(one) for one in years_of(2.0, 160)]
    (folder / "incidents.json").write_text(json.dumps(incidents), encoding="utf-8")
    waybill(folder / "data", "trends", "import", str(folder / "incidents.json"), "--source", "made-up")
    waybill(folder / "data", "trends", "account", "open", "made-up", "2026", "--limit", "2")
    release = ("--epsilon", "1", "--from", "2012", "--to", "2015", "--reason", "annual report")
    waybill(folder / "data", "trends", "account", "propose", "made-up", "2026", *release)
    waybill(folder / "data", "ledger", "sequence")
    return folder / "data"


@pytest.fixture(scope="session")
def service(demo: Path) -> Iterator[Service]:
    """Run the service."""
    running = Service(demo)
    yield running
    assert running.stop() == 0, running.log()


@pytest.fixture(scope="session")
def chromium(service: Service) -> Iterator[Browser]:
    """Run the one browser; whoever signs in does so in a context of it."""
    with browser() as running:
        yield running


@pytest.fixture(scope="session")
def visitor(chromium: Browser, service: Service, demo: Path) -> Visitor:
    """Sign somebody in who has every role but that of a partner."""
    link = invite(service, demo, "li.na", *(role.value for role in Role if role is not Role.PARTNER))
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    visitor = Visitor(context, f"http://localhost:{service.port}")
    join(visitor, link)
    return visitor
