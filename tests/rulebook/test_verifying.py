"""A person verifies a rule with the text of its source, and only with a text that says what the rule says."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import date, timedelta

import pytest

from waybill.model.errors import RuleError
from waybill.rulebook import assess, load_rulebook
from waybill.rulebook.facts import Value
from waybill.rulebook.verifying import Verification, check, verified

BOOK = load_rulebook()
RULE = "cn-order-16/7-2-persons"
DAY = date(2026, 11, 22)
RIGHT = "自当年1月1日起累计向境外提供100万人以上个人信息（不含敏感个人信息）的，应当申报数据出境安全评估。"
WRONG = RIGHT.replace("100万", "10万")


def of(quote: str, provision: str = RULE, on: date = DAY) -> Verification:
    """Return a verification."""
    digest = hashlib.sha256(quote.encode()).hexdigest()
    return Verification(provision, quote, digest, "cac.gov.cn", "li", on, on + timedelta(days=365))


def test_a_rule_is_verified_by_its_text() -> None:
    assert not BOOK.standings(DAY, DAY)[RULE].verified
    check(BOOK, RULE, RIGHT, "cac.gov.cn")
    book = verified(BOOK, [of(RIGHT)])
    assert book.standings(DAY, DAY)[RULE].verified
    assert not book.standings(DAY + timedelta(days=365), DAY)[RULE].verified, "verifications end"
    assert not book.standings(DAY, DAY - timedelta(days=1))[RULE].verified, "and were not known before"
    assert book.digest != BOOK.digest
    assert sum(one.verified for one in book.standings(DAY, DAY).values()) == 1 + sum(
        one.verified for one in BOOK.standings(DAY, DAY).values()
    )


def test_a_text_that_misquotes_the_threshold_verifies_nothing() -> None:
    """As a page on the net has it: 100,000 where Order 16 says 1,000,000."""
    with pytest.raises(RuleError, match="1,000,000"):
        check(BOOK, RULE, WRONG, "a page on the net")
    assert verified(BOOK, [of(WRONG)]) is BOOK, "not even if it got into the database"


@pytest.mark.parametrize(
    ("provision", "quote", "source", "what"),
    [
        ("cn-order-16/99", RIGHT, "cac.gov.cn", "no such rule"),
        (RULE, " 100 ", "cac.gov.cn", "short"),
        (RULE, RIGHT, " ", "read"),
        ("cn-pipl/41", RIGHT, "npc.gov.cn", "not the one on file"),
        ("cn-incident-reporting/4-organ", "最迟不得超过4小时。", "cac.gov.cn", "does not say 2"),
    ],
)
def test_what_cannot_be_verified(provision: str, quote: str, source: str, what: str) -> None:
    with pytest.raises(RuleError, match=what):
        check(BOOK, provision, quote, source)


def test_a_changed_text_in_the_database_counts_for_nothing() -> None:
    assert verified(BOOK, [dataclasses.replace(of(RIGHT), quote_sha256="0" * 64)]) is BOOK


def test_the_latest_verification_counts() -> None:
    earlier, later = of(RIGHT, on=DAY - timedelta(days=300)), of(RIGHT)
    assert verified(BOOK, [earlier, later]).provisions[RULE][1].verified_on == DAY


def test_answers_rest_on_verified_rules_only_where_they_are() -> None:
    """What a person verified makes an answer verified, and nothing else of it changes."""
    facts: dict[str, Value] = {"from_country": "CN", "to_country": "DE", "personal_data": True}
    before, after = (assess(book, facts, DAY, DAY) for book in (BOOK, verified(BOOK, [of(RIGHT)])))
    assert [one.outcome for one in before.answers] == [one.outcome for one in after.answers]
