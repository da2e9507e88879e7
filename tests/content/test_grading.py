"""Grades suggested of what was found, with their reason and rule."""

from __future__ import annotations

from datetime import date

import pytest

from waybill.content import GradingRule, Summary, Tally, grade, rules, scan, summarise
from waybill.model.words import Grade

_DAY = date(2026, 11, 22)


def _summary(text: str) -> Summary:
    data = text.encode()
    return summarise(data, scan(data))


def test_persons_are_counted_by_their_different_values_over_all_pieces() -> None:
    tally = Tally()
    for text in ("手机 13900001234, 手机 139 0000 1234", "手机 13900001234 手机 13900005678"):
        tally.add(text.encode(), scan(text.encode()))
    found = tally.summary()
    assert (found.values["cn.mobile"], found.distinct["cn.mobile"], found.persons) == (4, 2, 2)


def test_the_number_of_an_identity_card_alone_is_personal_but_not_sensitive() -> None:
    suggested = grade(_summary("身份证 110105199003070033"), day=_DAY)
    assert suggested.grade is Grade.GENERAL
    assert suggested.rule is not None
    assert suggested.rule.id == "personal-data"


@pytest.mark.parametrize(
    ("text", "expected", "rule"),
    [
        ("卡号 6222021234567894", Grade.SENSITIVE, "sensitive-personal-data"),
        ("AKIAZ3MUJ4Q7WPL2XK6B", Grade.SENSITIVE, "credentials"),
        ("机密★20年\n卡号 6222021234567894", Grade.CORE, "state-secret-marking"),
        ("EXPORT CONTROLLED\nECCN 3A001", Grade.IMPORTANT, "export-control"),
        ("核心商密\n", Grade.IMPORTANT, "core-trade-secret"),
    ],
)
def test_the_gravest_rule_counts(text: str, expected: Grade, rule: str) -> None:
    suggested = grade(_summary(text), day=_DAY)
    assert suggested.grade is expected
    assert suggested.rule is not None
    assert suggested.rule.id == rule
    assert all(suggested.reason[language] for language in ("en", "zh"))


def test_rules_hold_from_their_day_on() -> None:
    before = grade(_summary("卡号 6222021234567894"), day=date(2019, 1, 1))
    assert (before.grade, before.rule) == (Grade.GENERAL, None)


def test_ten_million_persons_are_important_data() -> None:
    found = Summary({"cn.mobile": 10**7}, {"cn.mobile": 10**7}, persons=10**7)
    assert grade(found, day=_DAY).grade is Grade.IMPORTANT
    assert "10,000,000" in grade(found, day=_DAY).reason["en"]


def test_identity_with_contact_of_many_persons_is_graver_than_either() -> None:
    many = {"cn.resident-id": 1000, "cn.mobile": 1000}
    assert grade(Summary(many, many, persons=1000), day=_DAY).grade is Grade.SENSITIVE


def test_most_of_a_registered_table_is_graver_than_a_few_records() -> None:
    found = {"cn.mobile": 50}
    assert grade(Summary(found, found, persons=50, share=0.6), day=_DAY).grade is Grade.SENSITIVE
    assert grade(Summary(found, found, persons=50, share=0.01), day=_DAY).grade is Grade.GENERAL


def test_own_rules_can_be_given() -> None:
    rule = GradingRule(
        "lots", "our own", "1", date(2020, 1, 1), None, Grade.IMPORTANT, {"en": "{found}", "zh": "{found}"},
        types=frozenset({"trade.lot"}), least_distinct=2,
    )  # fmt: skip
    assert grade(_summary("批号：L20260117-03"), [rule], day=_DAY).rule is None
    found = grade(_summary("批号：L20260117-03 批号：L20260117-04"), [rule], day=_DAY)
    assert found.rule is rule
    assert found.reason["zh"] == "批号 (2)"


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_every_rule_says_what_it_rests_on(rule: GradingRule) -> None:
    assert rule.standard
    assert rule.clause
    assert set(rule.reason) == {"en", "zh"}
