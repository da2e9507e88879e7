"""The page of balance accounts: stocks by site and material, overdrawn ones named, and until when the flow is due."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tests.console.site import Site, empty_site, site
from tests.console.test_pages import text

from waybill.access.accounts import Assignment
from waybill.access.roles import Role
from waybill.flow.custody.capturing import capture_document
from waybill.simulate.chain import make

__all__ = ["empty_site", "site"]


@pytest.fixture
def chain(site: Site) -> Site:
    """Return a site that knows a chain of a few weeks."""
    for _, document in make(1, weeks=1).documents(together=timedelta(days=400)):
        capture_document(site.installation, json.dumps(document).encode(), submitter="plant")
    return site


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_accounts_are_shown_in_both_languages(chain: Site, language: str) -> None:
    browser = chain.reader(Role.ANALYST)
    browser.cookies["django_language"] = language
    page = text(browser.get("/balances"))
    assert "Nd2O3" in page and "waybill balance flow" in page
    assert ("物料" in page) == (language == "zh-hans")
    of_one = text(browser.get("/balances?material=Tb4O7"))
    assert "<td>Tb4O7</td>" in of_one and "<td>Nd2O3</td>" not in of_one


def test_who_is_bound_to_one_organisation_sees_no_accounts(chain: Site) -> None:
    bound = chain.reader(Assignment(role=Role.ANALYST, organisations=("one.example",)))
    assert "Nd2O3" not in text(bound.get("/balances"))


def test_without_custody_events_it_says_how_to_take_them_in(site: Site) -> None:
    assert "waybill epcis capture" in text(site.reader(Role.ANALYST).get("/balances"))
