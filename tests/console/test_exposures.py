"""The page of exposures: what stands open by grade, what changed, what nobody looked at, and who may see which."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.console.filled import fill
from tests.console.site import Site, confirm, empty_site, site

from waybill.access.accounts import Assignment
from waybill.access.roles import Role
from waybill.flow.surveys import exposures
from waybill.flow.surveys.surveying import look_and_keep, things_of

__all__ = ["empty_site", "site"]


@pytest.fixture
def surveyed(site: Site, tmp_path: Path) -> Site:
    """Return a site that surveyed a web root with a dump of the plans, another one, and systems."""
    fill(site, tmp_path / "register")
    for name in ("plans", "dull"):
        root = tmp_path / name
        root.mkdir()
        (root / "index.html").write_text("")
        (root / "dump.sql").write_text("x")
    inventory = tmp_path / "inventory.json"
    systems = [{"host": "a", "name": "Windows XP", "version": "SP3"}, {"host": "b", "name": "Odd OS", "version": "1"}]
    inventory.write_bytes(msgspec.json.encode(systems))
    for family, targets in {"storage": ["plans", "dull"], "crypto": ["inventory.json"]}.items():
        look_and_keep(site.installation, family, things_of(family, [str(tmp_path / target) for target in targets]))
    return site


def page_of(site: Site, *roles: Role | Assignment) -> str:
    answer: Any = site.reader(*roles).get("/exposures")
    assert answer.status_code == HTTPStatus.OK
    return str(answer.content.decode())


def test_what_is_shown(surveyed: Site) -> None:
    page = page_of(surveyed, Role.ANALYST)
    assert page.index("Before what is core") < page.index("Before what is not registered")
    assert "dump.sql lies under the web root" in page
    assert "1 of 2 surveyed systems are mended by their makers no more." in page
    assert "nothing is known here of Odd OS 1" in page
    assert 'data-chart="chart-ways"' in page and "<li>anybody</li>" in page
    assert 'data-chart="chart-weeks"' in page and "Open at its end" in page


def test_nothing_surveyed(site: Site) -> None:
    assert "Nothing has been surveyed yet" in page_of(site, Role.ANALYST)


def test_within_the_reach_alone(surveyed: Site) -> None:
    page = page_of(surveyed, Assignment(role=Role.ANALYST, organisations=("one.example",)))
    assert "Before what is core" in page
    assert "Before what is not registered" not in page
    assert "Odd OS" not in page and "inventory.json" not in page
    assert "Before what is core" not in page_of(surveyed, Assignment(role=Role.PARTNER, organisations=("x.example",)))


def test_who_may_not(site: Site) -> None:
    assert site.reader(Role.ADMINISTRATOR).get("/exposures").status_code == HTTPStatus.FORBIDDEN


def test_the_overview_tells_the_share_of_old_systems(surveyed: Site) -> None:
    sentence = "1 of 2 surveyed systems are mended by their makers no more."
    assert sentence in str(surveyed.reader(Role.ANALYST).get("/").content.decode())
    bound = Assignment(role=Role.ANALYST, organisations=("one.example",))
    assert sentence not in str(surveyed.reader(bound).get("/").content.decode())


def test_closing_needs_two_where_others_use_it(site: Site, tmp_path: Path) -> None:
    etc = tmp_path / "nginx"
    etc.mkdir()
    (etc / "site.conf").write_text("ssl_protocols TLSv1 TLSv1.2;\n")
    look_and_keep(site.installation, "crypto", things_of("crypto", [str(etc)]))
    (one,) = exposures.found(check="crypto-old-protocol-set")
    page = f"/exposures/{one.finding.id}/fix"
    assert page in page_of(site, Role.ANALYST)
    analyst, first, second = site.reader(Role.ANALYST), site.reader(Role.RESPONDER), site.reader(Role.RESPONDER)
    for browser in (first, second):
        confirm(browser)
    assert "ssl_protocols TLSv1.2;" in analyst.get(page).content.decode()
    assert analyst.post(f"{page}/ask").status_code == HTTPStatus.FORBIDDEN
    assert first.post(f"{page}/ask").status_code == HTTPStatus.FOUND
    assert first.post(f"{page}/agree").status_code == HTTPStatus.BAD_REQUEST
    assert "TLSv1 " in (etc / "site.conf").read_text()
    assert "Agree, and do it" in second.get(page).content.decode()
    assert second.post(f"{page}/agree").status_code == HTTPStatus.FOUND
    assert (etc / "site.conf").read_text() == "ssl_protocols TLSv1.2;\n"
    assert first.post(f"{page}/undo").status_code == HTTPStatus.FOUND
    assert (etc / "site.conf").read_text() == "ssl_protocols TLSv1 TLSv1.2;\n"
