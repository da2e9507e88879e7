"""Every data type: its example is found, what breaks its rule is not, and what the law makes of it."""

from __future__ import annotations

import pytest

from waybill.content import Category, DataType, Sensitivity, scan, scan_table, types

_SCANNED = [one for one in types().values() if one.form != "named"]
"""The others are names, which the scanner does not find."""

_CHECKED = [one for one in types().values() if one.check and one.check not in {"telephone", "bracketed", "coordinates"}]


def _in_context(one: DataType) -> bytes:
    """Return the example with a word that says what it is."""
    before = f"{one.keywords[0]}: " if one.keywords and one.form != "labelled" else ""
    return (before + one.example).encode()


@pytest.mark.parametrize("one", _SCANNED, ids=lambda one: one.id)
def test_the_example_of_a_type_is_found(one: DataType) -> None:
    if not any(score for _, score in one.shapes) and not one.literals and one.form != "labelled":
        column = scan_table({one.keywords[0]: [one.example] * 20})  # it is found only in columns that are called so
        found = {str(decided.type) for decided in column.values()}
    else:
        found = set(scan(_in_context(one)).counts())
    assert one.id in found, found


@pytest.mark.parametrize("one", types().values(), ids=lambda one: one.id)
def test_a_type_is_told_in_both_languages_with_what_it_rests_on(one: DataType) -> None:
    assert set(one.names) == {"en", "zh"}
    assert all(one.names.values())
    assert one.basis
    assert one.shapes or one.literals or one.form in {"labelled", "named"}


def test_there_are_types_of_every_field_of_life() -> None:
    assert len(types()) >= 60
    assert {one.category for one in types().values()} == set(Category)
    assert {one.sensitivity for one in types().values()} == set(Sensitivity)


@pytest.mark.parametrize("one", _CHECKED, ids=lambda one: one.id)
def test_most_changes_of_a_digit_break_the_rule_of_a_type(one: DataType) -> None:
    digits = [at for at, letter in enumerate(one.example) if letter.isdigit()]
    changed = [
        one.example[:at] + str((int(one.example[at]) + step) % 10) + one.example[at + 1 :]
        for at in digits[-8:]
        for step in (1, 4, 7)
    ]
    kept = sum(one.id in scan(text.encode(), only=[one.id], least=0.0).counts() for text in changed)
    weak = {"old_resident_identity", "landline", "social_security", "individual_taxpayer", "spaced_insurance"}
    weak |= {"national_insurance", "korean_resident", "colon_groups", "ipv4", "hardware", "plate", "international"}
    assert one.check in weak or kept <= len(changed) // 4, (kept, len(changed))


def test_the_number_of_an_identity_card_is_not_sensitive_personal_data_by_itself() -> None:
    assert types()["cn.resident-id"].sensitivity is Sensitivity.PERSONAL
    assert types()["card"].sensitivity is Sensitivity.SENSITIVE_PERSONAL


@pytest.mark.parametrize(
    "text",
    [
        "order 202611220000000001 shipped",
        "2026-11-22 12:34:56.789 INFO worker-3 rows=18230",
        "version 1.2.3.4.5 and 300.1.1.1",
        "uuid 550e8400-e29b-41d4-a716-446655440000",
        "trace=4bf92f3577b34da6a3ce929d0e0e4736",
        "π = 3.14159265358979 and 0.4111111111111111",
        "the password must be long, secret: none of your business",
        "password = ${DATABASE_PASSWORD}",
        "会议讨论了数据的机密性和完整性，秘密不在其中",
        "email me at the office @ noon",
        "AKIAAAAAAAAAAAAAAAAA and ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "https://example.org/a?b=c",
        "SKU00012345,17,19.90,1700000000",
        "card 1111111111111111",
        "confidential talks were held",
        "身份证号码是十八位数字",
    ],
)
def test_what_is_like_a_type_is_none(text: str) -> None:
    assert list(scan(text.encode())) == []
