"""Every page in both languages and both themes: without a violation of axe, an error, or anything that is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ViewportSize
from tests.e2e.browser import Visitor

LOOKS = [(language, theme) for language in ("en", "zh-hans") for theme in ("light", "dark")]
NARROW = ViewportSize(width=390, height=844)
OF_THE_GUIDE = ViewportSize(width=1000, height=640)
WIDE = ViewportSize(width=1280, height=900)


GUIDE = {
    "console-overview": ("/", "en", "light"),
    "console-overview-zh": ("/", "zh-hans", "dark"),
    "console-findings": ("/findings", "en", "light"),
    "console-finding": ("/findings?severity=critical", "en", "light"),
    "console-transfers": ("/transfers?channel=email", "en", "light"),
    "console-sources": ("/sources", "en", "light"),
    "console-findings-zh": ("/findings", "zh-hans", "light"),
    "console-finding-zh": ("/findings?severity=critical", "zh-hans", "light"),
    "console-transfers-zh": ("/transfers?channel=email", "zh-hans", "light"),
    "console-sources-zh": ("/sources", "zh-hans", "light"),
}
"""Pictures of docs/guide.md and docs/guide.zh.md; of a list that asks for the critical, its first finding is shown."""


@pytest.fixture(scope="session")
def paths(visitor: Visitor) -> list[str]:
    """Return where one can go: every entry of the navigation, what its list begins with, and what is linked nowhere."""
    visitor.prefer("en", "light")
    visitor.go("/")
    places = visitor.page.eval_on_selector_all("nav.places a", "links => links.map(link => link.getAttribute('href'))")
    found = [*places, "/findings/exceptions", "/nothing-is-here", "/ledger?id=" + "0" * 32, "/findings?asset=none"]
    found.append("/duty/handover")
    visitor.go("/playbooks")
    runs = "links => links.map(link => link.getAttribute('href'))"
    found += visitor.page.eval_on_selector_all("main a[href^='/playbooks/runs/']", runs)[:1]
    found += ["/trends/calendars?calendar=npc-sessions&beside=lunar-new-year", "/trends/account"]
    for place in places:
        visitor.go(place)
        first = visitor.page.locator("main a.what, main a[data-row]").first
        if first.count():
            found.append(str(first.get_attribute("href")))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_pages(visitor: Visitor, paths: list[str], pictures: Path | None, language: str, theme: str) -> None:
    visitor.prefer(language, theme)
    wrong = []
    for path in paths:
        page = visitor.go(path)
        assert page.get_attribute("html", "lang") == language
        found = Axe().run(page)
        wrong += [f"{path}: {line}" for line in _told(found.response["violations"])]
        wrong += [f"{path}: {text}" for text in visitor.complaints() if not _is_expected(path, text)]
        visitor.shoot(pictures, f"{_name(path)}-{language}-{theme}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_fit_a_narrow_screen(visitor: Visitor, paths: list[str], pictures: Path | None, language: str) -> None:
    visitor.prefer(language, "light")
    visitor.page.set_viewport_size(NARROW)
    wide = []
    for path in paths:
        page = visitor.go(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > NARROW["width"]:
            wide.append(f"{path}: {width} px")
        visitor.shoot(pictures, f"{_name(path)}-{language}-narrow")
    visitor.page.set_viewport_size(WIDE)
    visitor.complaints()
    assert not wide, "\n".join(wide)


@pytest.mark.parametrize("name", GUIDE)
def test_pictures_for_the_guide(visitor: Visitor, pictures: Path | None, name: str) -> None:
    path, language, theme = GUIDE[name]
    visitor.prefer(language, theme)
    visitor.page.set_viewport_size(OF_THE_GUIDE)
    page = visitor.go(path)
    if "critical" in path:
        visitor.go(str(page.locator("main a.what").first.get_attribute("href")))
    visitor.shoot(pictures, f"guide/{name}", whole=False)
    visitor.page.set_viewport_size(WIDE)
    assert visitor.complaints() == []


def _told(violations: list[dict[str, object]]) -> list[str]:
    """Return the violations that axe found, each with the first element that has it."""
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in violations]  # type: ignore[index]


def _is_expected(path: str, text: str) -> bool:
    """Return whether the browser says that a page that is not there is not there."""
    return path == "/nothing-is-here" and "404" in text


def _name(path: str) -> str:
    plain = re.sub(r"[0-9a-f]{32}", "one", path.strip("/")) or "overview"
    return re.sub(r"[^a-z]+", "-", plain.casefold()).strip("-")[:40]
