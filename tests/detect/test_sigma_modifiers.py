"""Each modifier and kind of value of Sigma, with an event for which it holds and one for which it does not."""

from __future__ import annotations

import base64
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.detect.sigma_tables import DAY, detector, events, findings, hits, positions, rule, table, transfer

CASES: list[tuple[str, Any, dict[str, Any], dict[str, Any]]] = [
    # what, selection, an event that it matches, one that it does not
    ("case does not matter", {"Image": r"C:\TEMP\a.EXE"}, {"Image": r"c:\temp\A.exe"}, {"Image": r"c:\temp\b.exe"}),
    ("names are cased", {"Image": "a"}, {"Image": "a"}, {"image": "a"}),
    ("cased", {"Image|cased": "Ab"}, {"Image": "Ab"}, {"Image": "ab"}),
    ("contains, cased", {"Image|contains|cased": "Ab"}, {"Image": "xAbx"}, {"Image": "xabx"}),
    ("other scripts have cases", {"Image|contains": "ÉΣ"}, {"Image": "xéςx"}, {"Image": "xesx"}),
    ("a whole text", {"Image": "ab"}, {"Image": "AB"}, {"Image": "abc"}),
    ("contains", {"Image|contains": "b"}, {"Image": "abc"}, {"Image": "ac"}),
    ("startswith", {"Image|startswith": "a"}, {"Image": "abc"}, {"Image": "bac"}),
    ("endswith", {"Image|endswith": "\\c.exe"}, {"Image": r"x\C.exe"}, {"Image": r"x\c.exe "}),
    ("any of a list", {"Image|endswith": ["x", "y"]}, {"Image": "ay"}, {"Image": "az"}),
    ("all of a list", {"Image|contains|all": ["x", "y"]}, {"Image": "yx"}, {"Image": "xx"}),
    ("many", {"Image": "a*c"}, {"Image": "a--c"}, {"Image": "a--cd"}),
    ("many can be none", {"Image": "a*c"}, {"Image": "ac"}, {"Image": "abd"}),
    ("many crosses lines", {"Image": "a*c"}, {"Image": "a\n\nc"}, {"Image": "a\n\nd"}),
    ("one", {"Image": "a?c"}, {"Image": "abc"}, {"Image": "ac"}),
    ("one is one character", {"Image": "a?c"}, {"Image": "a案c"}, {"Image": "abbc"}),
    ("one at the end", {"Image|endswith": "1?"}, {"Image": "a12"}, {"Image": "a1"}),
    ("an escaped star", {"Image": r"a\*c"}, {"Image": "a*c"}, {"Image": "abc"}),
    ("an escaped question mark", {"Image": r"a\?c"}, {"Image": "a?c"}, {"Image": "abc"}),
    ("an escaped backslash, then a star", {"Image": r"a\\*"}, {"Image": "a\\bc"}, {"Image": "a*"}),
    ("a single backslash is itself", {"Image": r"a\b"}, {"Image": r"a\b"}, {"Image": "ab"}),
    ("signs of expressions are themselves", {"Image": "a.(b)*[c]"}, {"Image": "a.(b)x[c]"}, {"Image": "aXbx[c]"}),
    ("a star alone is any value", {"Image": "*"}, {"Image": ""}, {"User": "x"}),
    ("null is missing", {"Image": None}, {"User": "x"}, {"Image": ""}),
    ("null is null", {"Image": None}, {"Image": None, "User": "x"}, {"Image": "x"}),
    ("empty is not null", {"Image": ""}, {"Image": ""}, {"User": "x"}),
    ("exists", {"Image|exists": True}, {"Image": ""}, {"User": "x"}),
    ("exists not", {"Image|exists": False}, {"Image": None, "User": "x"}, {"Image": "x"}),
    ("a number", {"EventID": 4688}, {"EventID": "4688"}, {"EventID": "46880"}),
    ("a number however written", {"EventID": 4688}, {"EventID": "4688.0"}, {"EventID": "1_000"}),
    ("a number in hexadecimal", {"Access": 0x1F}, {"Access": "0x1f"}, {"Access": "1f"}),
    ("a number beyond doubles", {"Id": 2**60 + 1}, {"Id": str(2**60 + 1)}, {"Id": str(2**60)}),
    ("a truth", {"Signed": False}, {"Signed": "False"}, {"Signed": "true"}),
    ("lt", {"Size|lt": 10}, {"Size": "9.5"}, {"Size": "10"}),
    ("lte", {"Size|lte": 10}, {"Size": "10"}, {"Size": "11"}),
    ("gt", {"Size|gt": 10}, {"Size": "11"}, {"Size": "9"}),
    ("gte", {"Size|gte": 10}, {"Size": "1e1"}, {"Size": "x"}),
    ("neq", {"Image|neq": "a"}, {"Image": "b"}, {"Image": "A"}),
    ("neq of what is missing", {"Image|neq": "a"}, {"User": "x"}, {"Image": "a"}),
    ("re is cased and finds", {"Image|re": r"b.\d"}, {"Image": "ab-7"}, {"Image": "aB-7"}),
    ("re, i", {"Image|re|i": "B.$"}, {"Image": "ab-"}, {"Image": "ab-c"}),
    ("re, m", {"Image|re|m": "^b"}, {"Image": "a\nb"}, {"Image": "a b"}),
    ("re, s", {"Image|re|s": "a.b"}, {"Image": "a\nb"}, {"Image": "ab"}),
    ("re without s", {"Image|re": "a.b"}, {"Image": "a-b"}, {"Image": "a\nb"}),
    ("re keeps its stars and backslashes", {"Image|re": r"^a\\+\*$"}, {"Image": "a\\\\*"}, {"Image": "a\\b"}),
    ("cidr", {"Ip|cidr": "10.0.0.0/23"}, {"Ip": "10.0.1.255"}, {"Ip": "10.0.2.0"}),
    ("cidr of version 6", {"Ip|cidr": "2001:db8::/32"}, {"Ip": "2001:DB8::7"}, {"Ip": "2001:db9::7"}),
    ("cidr of mapped addresses", {"Ip|cidr": "10.0.0.0/8"}, {"Ip": "::ffff:10.1.1.1"}, {"Ip": "10.0.0"}),
    ("fieldref", {"User|fieldref": "Owner"}, {"User": "P-1", "Owner": "p-1"}, {"User": "p-1", "Owner": "p-2"}),
    ("fieldref to nothing", {"User|fieldref": "Owner"}, {"User": "*", "Owner": "*"}, {"User": "x"}),
    ("fieldref, startswith", {"A|fieldref|startswith": "B"}, {"A": "xy", "B": "x"}, {"A": "yx", "B": "x"}),
    ("fieldref, endswith", {"A|fieldref|endswith": "B"}, {"A": "yx", "B": "x"}, {"A": "xy", "B": "x"}),
    ("fieldref, contains", {"A|fieldref|contains": "B"}, {"A": "yxy", "B": "x"}, {"A": "yy", "B": "x"}),
    ("fieldref to many", {"A|fieldref": "B"}, {"A": ["u", "v"], "B": ["w", "V"]}, {"A": ["u"], "B": ["w", "uu"]}),
    ("windash", {"Line|windash|contains": " -f"}, {"Line": "x /f"}, {"Line": "x +f"}),
    ("windash knows long dashes", {"Line|windash|contains": " -f"}, {"Line": "x –f"}, {"Line": "xf"}),
    ("windash, all", {"L|windash|contains|all": ["-a", "-b"]}, {"L": "/a -b"}, {"L": "/a +b"}),
    ("any of many values", {"Ip|startswith": "10."}, {"Ip": ["8.8.8.8", "10.1.1.1"]}, {"Ip": ["8.8.8.8", "1.10."]}),
    ("a value does not span two", {"Ip|contains": "8*1"}, {"Ip": ["8.1"]}, {"Ip": ["8", "1"]}),
    ("all over many values", {"G|all": ["a", "b"]}, {"G": ["b", "c", "a"]}, {"G": ["a", "c"]}),
    ("one of many values is empty", {"G": ""}, {"G": ["a", ""]}, {"G": ["a"]}),
    ("a list of maps", [{"A": "1"}, {"B": "2"}], {"B": "2"}, {"A": "2", "B": "1"}),
    ("maps hold together", [{"A": "1", "B": "2"}], {"A": "1", "B": "2"}, {"A": "1"}),
    ("a word anywhere", ["mimi"], {"Any": "xMIMIx"}, {"Any": "mim"}),
    ("all words", {"|all": ["one", "two"]}, {"A": "One", "B": "Two"}, {"A": "one"}),
    ("a word with a wildcard", ["a?c"], {"Any": "xabcx"}, {"Any": "xacx"}),
    ("a word with backslashes, which JSON writes twice", ["a\\b"], {"Any": "xA\\Bx"}, {"Any": "ab"}),
    ("a number as a word", [4688], {"Any": "x4688x"}, {"Any": "468"}),
    ("an expression anywhere", {"|re": "^b+$"}, {"A": "x", "B": "bb"}, {"A": "bbx"}),
]


@pytest.mark.parametrize(
    ("selection", "matching", "other"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_values_and_modifiers(tmp_path: Path, selection: Any, matching: dict[str, Any], other: dict[str, Any]) -> None:
    assert hits(tmp_path / "rules", selection, events(matching, other)) == [1]


def encoded(text: str, before: str = "", encoding: str = "utf-8") -> dict[str, str]:
    return {"Line": base64.b64encode((before + text).encode(encoding) + b"...").decode()}


@pytest.mark.parametrize("text", ["ab*c?", "数据导出", "né"])
def test_base64_is_that_of_the_bytes(tmp_path: Path, text: str) -> None:
    escaped = text.replace("*", "\\*").replace("?", "\\?")
    rows = events({"Line": base64.b64encode(text.encode()).decode()}, encoded(text))
    assert hits(tmp_path / "rules", {"Line|base64": escaped}, rows) == [1]


@pytest.mark.parametrize("text", ["http://", "数据导出", "né"])
def test_base64offset_finds_text_at_any_place(tmp_path: Path, text: str) -> None:
    rows = events(*(encoded(text, "x" * before) for before in range(5)), encoded("other text"))
    assert hits(tmp_path / "rules", {"Line|base64offset|contains": text}, rows) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("modifier", ["wide", "utf16le"])
def test_wide_text_in_base64(tmp_path: Path, modifier: str) -> None:
    rows = events(encoded("IEX (", "x" * 2, "utf-16-le"), encoded("IEX ("))
    assert hits(tmp_path / "rules", {f"Line|{modifier}|base64offset|contains": "IEX ("}, rows) == [1]


def test_utf16_text_has_its_mark(tmp_path: Path) -> None:
    rows = events(encoded("IEX", "", "utf-16"), encoded("IEX", "", "utf-16-le"))
    assert hits(tmp_path / "rules", {"Line|utf16|base64offset|contains": "IEX"}, rows) == [1]


def test_utf16be_text_in_base64(tmp_path: Path) -> None:
    rows = events(encoded("IEX", "", "utf-16-be"), encoded("IEX", "", "utf-16-le"))
    assert hits(tmp_path / "rules", {"Line|utf16be|base64offset|contains": "IEX"}, rows) == [1]


@pytest.mark.parametrize(
    ("part", "value"), [("minute", 30), ("hour", 9), ("day", 2), ("week", 45), ("month", 11), ("year", 2026)]
)
def test_parts_of_a_moment(tmp_path: Path, part: str, value: int) -> None:
    rows = events({"When": "2026-11-02T10:30:00+01:00"}, {"When": "2025-01-18T20:31:00Z"}, {"When": "at nine"})
    assert hits(tmp_path / "rules", {f"When|{part}": value}, rows) == [1]


def test_parts_of_the_time_of_a_transfer(tmp_path: Path) -> None:
    rows = table([transfer(1, time=datetime.fromisoformat("2026-11-02T22:10:00+00:00")), transfer(2, time=DAY)])
    night = rule({"selection": {"time|hour|gte": 20}}, logsource={"product": "waybill", "category": "transfer"})
    assert positions(findings(detector(tmp_path / "rules", night), rows)) == [1]


def test_placeholders(tmp_path: Path) -> None:
    rows = events({"Image": "x-adm"}, {"Image": "x-ops1"}, {"Image": "x-%role%"})
    given = {"role": ["adm", "ops?"]}
    assert hits(tmp_path / "rules", {"Image|expand": "x-%role%"}, rows, placeholders=given) == [1, 2]


def test_a_hostile_expression_and_a_hostile_text_end_soon(tmp_path: Path) -> None:
    rows = events({"Image": "a" * 200_000 + "!"}, {"Image": "b"})
    selection = {"Image|re": "^(a|a?)*(a+)+$", "User": None}
    started = time.process_time()
    assert hits(tmp_path / "rules", selection, rows) == []
    assert hits(tmp_path / "many", {"Image": "*a*a*a*a*a*a*a*a*b"}, rows) == []
    assert time.process_time() - started < 5
