"""Pages of lots: one is found, shown whole in both languages, and its recall leaves only as an export does."""

from __future__ import annotations

import csv
import io

import pytest
from tests.console.site import Site, empty_site, site
from tests.console.test_pages import text
from tests.epcis.chain import ORE, document, whole_chain

from waybill.access.accounts import Assignment
from waybill.access.roles import Role
from waybill.epcis.identifiers import canonical
from waybill.flow.custody.capturing import capture_document
from waybill.flow.custody.traces import Standing
from waybill.flow.custody.tracing import trace
from waybill.model.errors import UsageError

__all__ = ["empty_site", "site"]

OXIDE = "https://id.gs1.org/01/09521000000124/10/OX-0012"


@pytest.fixture
def chain(site: Site) -> Site:
    """Return a site that knows a chain."""
    capture_document(site.installation, document(*whole_chain()), submitter="<b>smelter</b>")
    return site


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_lot_is_found_and_shown_whole(chain: Site, language: str) -> None:
    browser = chain.reader(Role.ANALYST)
    browser.cookies["django_language"] = language
    assert OXIDE in text(browser.get("/lots?name=OX-0012"))
    page = text(browser.get(f"/lots/of/{OXIDE}"))
    for shown in ("ORE-1", "MOTOR1", "certificates.example/c/1", "urn:x:licence:7", "&lt;b&gt;smelter"):
        assert shown in page
    assert "chart-lot" in page
    assert ("正常" in page) == (language == "zh-hans")


def test_who_is_bound_to_one_organisation_sees_no_chain(chain: Site) -> None:
    bound = chain.reader(Assignment(role=Role.ANALYST, organisations=("one.example",)))
    assert OXIDE not in text(bound.get("/lots"))
    assert bound.get(f"/lots/of/{OXIDE}").status_code == 404


def test_a_recall_is_a_file_that_leaves_and_is_kept_as_a_transfer(chain: Site) -> None:
    browser = chain.reader(Role.ANALYST)
    said = {"purpose": "recall 7", "to_place": "regulator.example"}
    answer = browser.post(f"/lots/recall/{canonical(ORE)}", said)
    assert answer.status_code == 200, answer.content
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["item"].rpartition("/")[2] for row in rows][:2] == ["CON-7", "OX-0012"]
    assert {row["affected"] for row in rows if row["item"].endswith("ME-3")} == {"7.5"}
    with chain.installation.lake.snapshot() as lake:
        found = lake.query("SELECT asset, to_place FROM transfers WHERE source = 'waybill-console'", {}).to_pylist()
    assert found == [{"asset": "waybill:lots", "to_place": "regulator.example"}]


def test_standing_is_clean_held_or_unknown(chain: Site) -> None:
    assert trace(chain.installation, "OX-0012").standing is Standing.CLEAN
    assert trace(chain.installation, "OX-9").standing is Standing.UNKNOWN
    changed = {"bizStep": "inspecting", "persistentDisposition": {"set": ["recalled"]}}
    recalled = whole_chain()[3] | {"eventTime": "2026-03-20T08:00:00+08:00"} | changed
    capture_document(chain.installation, document(recalled), submitter="test")
    found = trace(chain.installation, "CON-7")
    assert (found.standing, found.reasons) == (Standing.HELD, ("recalled",))
    assert [gap.kind for gap in found.gaps] == []
    assert found.suppliers == ("https://id.gs1.org/417/9521000000049",)
    with pytest.raises(UsageError):
        trace(chain.installation, "NOTHING")


def test_a_code_tells_the_standing_and_a_lot_has_a_label(chain: Site) -> None:
    browser = chain.reader(Role.ANALYST)
    answer = browser.get("/labels?code=(01)09521000000124(10)OX-0012")
    assert "camera=(self)" in answer["Permissions-Policy"]
    assert f"/labels/of/{OXIDE}" in text(answer)
    assert "No lot is called so" in text(browser.get("/labels?code=nothing"))
    label = text(browser.get(f"/labels/of/{OXIDE}"))
    assert "<svg" in label and "style=" not in label
    assert browser.get("/lots")["Permissions-Policy"].startswith("camera=()")
