"""The scanner: places, words near by, headings, disguises, and that both ways to find literals agree."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from bench.content_mix import Mix
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.content import Evidence, masked, scan
from waybill.content.literals import Hyperscan, Plain
from waybill.content.runs import plain_runs
from waybill.model.errors import UsageError


def _texts(text: str, **given: object) -> list[tuple[str, str]]:
    data = text.encode()
    return [(hit.type, data[hit.start : hit.end].decode()) for hit in scan(data, **given)]  # type: ignore[arg-type]


def test_places_are_told_in_bytes_and_in_characters() -> None:
    data = "客户手机：13900001234。".encode() + b"\xff" + " 邮箱 li@example.org".encode()
    hits = scan(data)
    assert [data[hit.start : hit.end] for hit in hits] == [b"13900001234", b"li@example.org"]
    text = data.decode("utf-8", "replace")
    assert [text[start:end] for start, end in hits.characters(data)] == ["13900001234", "li@example.org"]


def test_a_word_near_by_makes_a_weak_number_sure() -> None:
    assert _texts("E61234567") == []
    assert _texts("护照 E61234567") == [("cn.passport", "E61234567")]
    assert _texts("护照" + " " * 100 + "E61234567") == []


@pytest.mark.parametrize("text", ["passport_no=E61234567", "userPassport: E61234567", '"passport": "E61234567"'])
def test_a_word_may_be_part_of_a_name_of_a_field(text: str) -> None:
    assert ("cn.passport", "E61234567") in _texts(text)


def test_a_word_within_another_word_says_nothing() -> None:
    assert _texts("compassports E61234567") == []


def test_a_heading_speaks_for_all_that_stands_under_it() -> None:
    hits = scan(b"E61234567\nE61234568", header="护照号码")
    assert [hit.type for hit in hits] == ["cn.passport"] * 2
    assert all(Evidence.HEADER in hit.evidence for hit in hits)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话 １３９００００１２３４", "１３９００００１２３４"),
        ("电话 139\u200b0000\u200b1234", "139\u200b0000\u200b1234"),
        ("邮箱 li＠example.org", "li＠example.org"),
        ("身份证 １１０１０５１９９００３０７００３３", "１１０１０５１９９００３０７００３３"),
    ],
)
def test_disguised_numbers_are_found_where_they_stand(text: str, shown: str) -> None:
    data = text.encode()
    (hit,) = scan(data)
    assert data[hit.start : hit.end].decode() == shown
    assert Evidence.FULL_WIDTH in hit.evidence


def test_of_overlapping_readings_the_surer_is_kept() -> None:
    assert _texts("卡号 6222021234567894") == [("cn.union-pay", "6222021234567894")]


def test_hits_do_not_overlap_and_are_ordered() -> None:
    hits = scan(Mix(3).make(1 << 17))
    assert (hits.start[1:] >= hits.end[:-1]).all()


def test_types_can_be_chosen() -> None:
    assert _texts("13900001234 li@example.org", only=["email"]) == [("email", "li@example.org")]
    with pytest.raises(UsageError, match="no such data type"):
        scan(b"", only=["nothing"])


def test_what_was_planted_is_found() -> None:
    mix = Mix(7)
    found = scan(mix.make(1 << 18)).counts()
    for planted, kind in {
        "resident": "cn.resident-id",
        "email": "email",
        "ip": "ipv4",
        "address": "cn.address",
    }.items():
        assert found.get(kind, 0) >= len(mix.planted[planted])


@given(st.binary(max_size=300))
def test_any_bytes_can_be_scanned(data: bytes) -> None:
    hits = scan(data, least=0.0)
    assert all(0 <= hit.start < hit.end <= len(data) for hit in hits)


_WORDS = st.text(alphabet="abA@-机密", min_size=1, max_size=5)


@settings(max_examples=50)
@given(st.lists(_WORDS, min_size=1, max_size=8, unique=True), st.lists(_WORDS, max_size=40), st.binary(max_size=20))
def test_both_ways_to_find_literals_agree(wanted: list[str], text: list[str], odd: bytes) -> None:
    literals, data = [word.encode() for word in wanted], "".join(text).encode() + odd
    assert np.array_equal(Plain(literals).find(data), Hyperscan(literals).find(data))


@given(st.text(alphabet="a1 -é", max_size=200))
def test_runs_are_all_stretches_with_a_digit(text: str) -> None:
    data = text.encode()
    expected = re.findall(rb"[a1]+", data)
    found = plain_runs(np.frombuffer(data, np.uint8))
    assert [data[end - min(end - start, 41) : end] for start, end, _ in found.tolist()] == [
        part[-41:] for part in expected if b"1" in part
    ]


def test_values_are_masked() -> None:
    assert masked("110105199003070033") == "1101**********0033"
    assert masked("ab") == "**"


_PROGRAM = """
import hashlib, sys
from bench.content_mix import Mix
from waybill.content import scan
hits = scan(Mix(5).make(1 << 18), least=0.0)
parts = (hits.kind, hits.start, hits.end, hits.score, hits.evidence)
print(len(hits), hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


@pytest.mark.soak
def test_compiled_and_plain_scanners_agree() -> None:
    answers = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            env={**os.environ, "WAYBILL_COMPILED": compiled},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for compiled in ("0", "1")
    }
    assert len(answers) == 1, answers


@pytest.mark.parametrize(
    "text",
    [
        "31.230416,121.473701",
        "at (40.7128, -74.0060).",
        "-33.8688,151.2093 Sydney",
        "[121.473701, 31.230416]",
        "Shanghai, 31.230416,121.473701, China",
        "<coordinates>121.473701,31.230416,0</coordinates>",
        "GPS 31.230416, 121.473701, 12.5",
    ],
)
def test_places_are_found_in_either_order_and_hemisphere(text: str) -> None:
    assert scan(text.encode()).counts() == {"coordinates": 1}


@pytest.mark.parametrize(
    "text",
    [
        "#1=CARTESIAN_POINT('',(12.5012,30.1234,9.9999));",
        "#2=CARTESIAN_POINT('Location',(12.3456,45.6789));",
        "[0.123456,-0.223456]",
        "[[12.123456,-10.223456,3.2],[1.1234,2.2345,3.3456]]",
        '<path d="M10.1234,20.1234 C30.1234,40.1234 50.1234,60.1234"/>',
        "array([2.7851,\n 12.3456, 45.6789])",
        "12.3456,45.67891234E-03",
        "95.1234,91.1234",
        "words[1::2], words[::2] and Example 1::",
        "000000d0  45 d6 cb 33 87 58 83 91 04 a2 d0 24  |x|",
        "arn:aws:secretsmanager:us-east-1:123837392027:secret:retrieve-8-2aONLk",
        "国家秘密的密级分为绝密、机密、秘密三级。绝密级国家秘密是最重要的国家秘密；拟定为机密级的事项",
    ],
)
def test_drawings_programs_dumps_and_laws_hold_nothing(text: str) -> None:
    assert scan(text.encode()).counts() == {}


@pytest.mark.parametrize("text", ["本件密级：机密级", "属机密级，请勿外传", "【机密级】", "机密级★20年", "密级: 机密"])
def test_levels_mark_where_something_is_said_to_be_of_them(text: str) -> None:
    assert scan(text.encode()).counts() == {"marking.state-secret": 1}


def test_numbers_in_pairs_are_telephone_numbers_outside_dumps() -> None:
    assert scan(b"tel 06 12 34 56 78 de jour").counts() == {"phone": 1}


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Confidential\ncall us", 1),
        ("STRICTLY CONFIDENTIAL - do not copy", 1),
        ("Confidential data is kept apart", 0),
        ("Kept\nConfidential data", 0),
        ("CONFIDENTIAL INFORMATION IS KEPT APART", 0),
    ],
)
def test_english_markings_stand_by_themselves(text: str, marks: int) -> None:
    assert scan(text.encode()).counts().get("marking.confidential", 0) == marks
