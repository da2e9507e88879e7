"""Reports are filled in as far as the case knows, name nobody, and leave open what nobody has said."""

from __future__ import annotations

import pytest
from tests.console.filled import PERSON, SOURCE_OF_INTEREST, filled
from tests.console.site import Site, empty_site, site
from tests.console.test_pages import finding_of

from waybill.cases import judging, queries, working
from waybill.cases.judging import Harm
from waybill.flow.cases.forms import Form, form, written
from waybill.model.errors import UsageError

__all__ = ["empty_site", "filled", "site"]

CLOCK = "cn-incident-reporting/4-other"


def made(filled: Site, asset: str) -> Form:
    number = queries.case_of(finding_of(asset))
    assert number is not None
    judging.set_harm(number, Harm(persons=12), who="li", reason="rows of the file")
    task = working.add_task(number, "link removed", who="li")
    working.finish_task(number, task, who="li")
    working.add_task(number, "ask for deletion", who="li")
    working.add_evidence(number, "mail.eml", [b"x"], who="li", reason="the mail")
    return form(filled.installation, number, CLOCK)


def test_a_form_says_what_the_case_knows_and_leaves_open_the_rest(filled: Site) -> None:
    found = made(filled, "plans")
    by_id = {answer.field.id: " ".join(text.en for text in answer.known) for answer in found.answers}
    assert "12 persons" in by_id["incident"] and "link removed" in by_id["incident"]
    assert by_id["next"] == "ask for deletion"
    assert "SHA-256" in by_id["traces"]
    assert by_id["organisation"] == by_id["cause"] == ""
    for chinese, word in ((False, "rows of the file"), (True, "评估依据")):
        assert word in written(found, chinese=chinese)


@pytest.mark.parametrize("asset", ["plans", "audit"])
def test_a_form_names_nobody(filled: Site, asset: str) -> None:
    page = written(made(filled, asset), chinese=False)
    assert PERSON not in page and SOURCE_OF_INTEREST not in page and "desk-of" not in page


def test_there_is_no_form_for_what_is_no_deadline(filled: Site) -> None:
    number = queries.case_of(finding_of("plans"))
    with pytest.raises(UsageError, match="No such clock"):
        form(filled.installation, number or 0, "none")
