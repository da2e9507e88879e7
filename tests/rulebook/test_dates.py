"""What holds on a day, as known on another: suspensions that lapse, amendments, verifications that grow old."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from waybill.rulebook import Outcome, assess, load_rulebook
from waybill.rulebook.facts import Value
from waybill.rulebook.standing import Status

BOOK = load_rulebook()
TODAY = date(2026, 11, 22)

DATA: dict[str, Value] = {
    "from_country": "CN", "to_country": "DE", "foreign_recipient": True, "state_secret": False, "core_data": False,
    "foreign_authority": False, "authority_approved": False, "personal_data": True, "important_data": False,
    "recipient_restricted": False, "collected_abroad": False, "free_zone_exempt": False, "exempt_basis": "none",
    "ciio": False, "assessment_passed": False, "contract_or_certificate": False, "persons_this_year": 5_000,
    "sensitive_persons_this_year": 0, "persons_handled": 5_000, "persons_two_years": 5_000,
    "sensitive_persons_two_years": 0,
}  # fmt: skip
ITEM: dict[str, Value] = {
    "from_country": "CN", "to_country": "DE", "foreign_recipient": True, "unlawful_rare_earth": False,
    "made_abroad": False, "cn_value_share": 0.0, "cn_technology": False, "chinese_assistance": False,
    "end_use_changed": False, "cn_end_user_listed": False, "cn_licence": False, "cn_military_end_user": False,
    "cn_listed": False, "cn_item": "NONE", "cn_end_use_risk": False,
}  # fmt: skip


def outcome(regime: str, facts: dict[str, Value], day: date, known: date = TODAY) -> Outcome | None:
    """Return what a regime says."""
    found = {answer.regime: answer for answer in assess(BOOK, facts, day, known).answers}
    return found[regime].outcome


@pytest.mark.parametrize(("day", "expected"), [(date(2024, 3, 21), Outcome.FILE), (date(2024, 3, 22), Outcome.DUTIES)])
def test_order_16_frees_small_exports_from_its_first_day(day: date, expected: Outcome) -> None:
    assert outcome("cn-data", DATA, day) is expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 11, 6), Outcome.FILE),
        (date(2025, 11, 7), Outcome.OUTSIDE),
        (date(2026, 11, 9), Outcome.OUTSIDE),
        (date(2026, 11, 10), Outcome.OUTSIDE),
        (date(2026, 11, 11), Outcome.FILE),
    ],
)
def test_the_suspension_of_2025_lapses_by_its_own_text(day: date, expected: Outcome) -> None:
    assert outcome("cn-export", ITEM | {"cn_technology": True}, day) is expected


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2026, 11, 27), Outcome.FILE), (date(2026, 11, 28), Outcome.PROHIBITED)]
)
def test_gallium_to_the_united_states(day: date, expected: Outcome) -> None:
    gallium = ITEM | {"to_country": "US", "cn_item": "GALLIUM", "cn_listed": True}
    assert outcome("cn-export", gallium, day) is expected


@pytest.mark.parametrize(("day", "status"), [(date(2025, 12, 31), "37-old"), (date(2026, 1, 1), "39")])
def test_the_amended_cybersecurity_law_takes_the_place_of_the_old(day: date, status: str) -> None:
    standings = BOOK.standings(day, TODAY)
    held = {name for name in ("37-old", "39") if standings[f"cn-cybersecurity-law/{name}"].holds}
    assert held == {status}


@pytest.mark.parametrize(("day", "held"), [(date(2026, 11, 9), False), (date(2026, 11, 10), True)])
def test_the_us_rule_on_affiliates_comes_back(day: date, held: bool) -> None:
    assert BOOK.standings(day, TODAY)["us-ear/affiliates"].holds is held


def test_a_lapse_is_told_and_never_verified() -> None:
    stands = BOOK.standings(date(2026, 11, 11), TODAY)["cn-announcement-2025-62/1"]
    assert (stands.status, stands.verified) == (Status.LAPSED, False)
    before = BOOK.standings(date(2026, 11, 10), TODAY)["cn-announcement-2025-62/1"]
    assert (before.status, before.until, before.by) == (Status.SUSPENDED, date(2026, 11, 10), "announcement 2025-70")


def test_an_answer_of_then_knows_no_later_suspension() -> None:
    technology, day = ITEM | {"cn_technology": True}, date(2025, 11, 20)
    assert outcome("cn-export", technology, day, known=date(2025, 11, 6)) is Outcome.FILE
    assert outcome("cn-export", technology, day, known=date(2025, 11, 7)) is Outcome.OUTSIDE


def test_a_suspended_rule_is_named_beside_the_answer() -> None:
    made = assess(BOOK, ITEM | {"cn_technology": True}, date(2026, 11, 9), TODAY)
    answer = next(one for one in made.answers if one.regime == "cn-export")
    assert "cn-announcement-2025-62/1" in {rule.id for rule, _ in answer.waiting}


def test_a_verification_counts_until_its_review() -> None:
    name = "cn-pipl/41"
    _, rule = BOOK.rules[name]
    assert rule.verified_on is not None and rule.review_on is not None
    last = rule.review_on - timedelta(days=1)
    assert BOOK.standings(rule.verified_on, last)[name].verified
    stands = BOOK.standings(rule.verified_on, rule.review_on)[name]
    assert (stands.verified, stands.since) == (False, rule.review_on)
    assert not BOOK.standings(TODAY, rule.verified_on - timedelta(days=1))[name].verified, "nobody had verified it yet"


def test_before_there_were_rules_none_is_made_up() -> None:
    made = assess(BOOK, DATA, date(1995, 1, 1), TODAY)
    assert {answer.outcome for answer in made.answers} == {Outcome.OUTSIDE}
    assert not any(answer.is_verified for answer in made.answers)
