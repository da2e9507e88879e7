"""The page: it stands alone, tells everything in both languages, and takes any text for text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from importlib import resources
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from waybill.findings.states import FindingState
from waybill.model.findings import Position, Text
from waybill.model.words import Intent
from waybill.report import Control, End, Flow, Ran, Rejection, Report, Row, Source, render
from waybill.report.data import SET_ASIDE
from waybill.report.markup import Markup, joined, tag, visible
from waybill.report.rows import TOP
from waybill.report.wording import STATES

from .samples import finding, report, row, scope

VOID = {"meta", "input", "br"}
HOSTILE = (
    "<script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "\" onmouseover='alert(1)' x=\"",
    "</style></svg><iframe src=//evil.example>",
    "&lt;b&gt; &amp; ]]> <!-- -->",
    "javascript:alert(1)",
    "gnp.\u202exe\u200b\x00\x1b[31m\ud800",
    "{finding.id} %s {{ x }}",
)


class Parsed(HTMLParser):
    """A page as elements and text."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self._open: list[str] = []
        self.feed(page.decode())
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, "elements are nested"

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self._open), data))

    @property
    def text(self) -> str:
        """All text."""
        return "".join(data for _, data in self.texts)

    def values(self, name: str) -> list[str]:
        """Return the values of all attributes of this name."""
        return [value for _, attribute, value in self.attributes if attribute == name]


def everywhere(text: str) -> Report:
    """Return a report that holds this text wherever data can stand."""
    both = Text(text, f"{text}!")
    hostile = finding(
        1,
        detector=text,
        rule_id=text,
        title=both,
        asset=text,
        channel=text,
        outcome=text,
        source=Position(text, text, 3),
        sentence=both,
        advice=both,
        subject=text,
        tags=(text,),
    )
    rows = [
        row(
            number,
            finding=msgspec.structs.replace(hostile, id=f"{number:032x}"),
            asset=text,
            origin=End(text, text, text),
            destination=End(text),
            state=text,
        )
        for number in range(TOP * 3 + 9)
    ]
    return report(
        rows,
        version=text,
        flows=(Flow(text, text, 1, 1),),
        controls=(Control(report(0).controls[0].day, text),),
        scope=scope(
            sources=(Source(text, 1),),
            rejections=(Rejection(text, text, 1),),
            protected=text,
            detectors=(Ran(name=text, rules=1, remarks=(text,)), Ran(name="unauthorised")),
        ),
    )


BENIGN = Parsed(render(everywhere("name")))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_text_wherever_it_stands(text: str) -> None:
    page = Parsed(render(everywhere(text)))
    assert page.tags == BENIGN.tags, "no element more or less"
    assert [(tag, name) for tag, name, _ in page.attributes] == [(tag, name) for tag, name, _ in BENIGN.attributes]
    assert visible(text) in page.text


@given(st.text(min_size=1, max_size=60))
@example("\n")
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_text_is_text(text: str) -> None:
    page = Parsed(render(everywhere(text)))
    assert set(page.tags) <= set(BENIGN.tags)
    assert {(tag, name) for tag, name, _ in page.attributes} <= {(tag, name) for tag, name, _ in BENIGN.attributes}


@given(st.text(), st.text())
def test_markup_escapes_text_and_attributes_and_leaves_markup_alone(text: str, value: str) -> None:
    made = tag("p", text, tag("b", text), title=value)
    shown = Parsed(made.encode())
    assert shown.text == 2 * visible(text)
    assert shown.attributes == [("p", "title", visible(value))]
    assert joined([made, made]) == made + made
    assert isinstance(made, Markup) and made.isascii() == (visible(text) + visible(value)).isascii()


def test_a_reader_sees_what_cannot_be_seen() -> None:
    assert visible("gnp.\u202exe\x00\ud800") == "gnp.\\u202exe\\u0000\\ud800"
    assert visible("机翼\u3000图纸\n") == "机翼\u3000图纸\n"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_file_stands_alone(language: str) -> None:
    page = render(report(60), language)
    parsed = Parsed(page)
    assert b"://" not in page.replace(b"http://www.w3.org/2000/svg", b"")
    assert all(value.startswith("#") for value in parsed.values("href"))
    names = {name for _, name, _ in parsed.attributes}
    assert not names & {"src", "srcset", "style", "action", "formaction", "data", "ping", "background"}
    assert not [name for name in names if name.startswith("on")]
    assert not set(parsed.tags) & {"link", "img", "iframe", "object", "embed", "base", "form"}


def test_the_policy_admits_the_style_and_the_script_of_this_file_and_nothing_else() -> None:
    parsed = Parsed(render(report(3)))
    policy = next(value for value in parsed.values("content") if "default-src" in value)
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy and "*" not in policy
    for name, directive in (("style", "style-src"), ("script", "script-src")):
        (content,) = [data for opened, data in parsed.texts if opened[-1:] == (name,)]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy


@pytest.mark.parametrize(("language", "tag"), [("en", "en"), ("zh", "zh-Hans")])
def test_it_opens_in_the_language_asked_for(language: str, tag: str) -> None:
    page = render(report(3), language)
    assert f'<html lang="{tag}">'.encode() in page
    checked = re.findall(rb'<input type="radio" name="lang" id="lang-(\w+)"[^>]* checked', page)
    assert checked == [language.encode()]


def test_whatever_is_said_in_one_language_is_said_in_the_other() -> None:
    rows = [
        row(number, state=str(state), intent=intent, withheld=number % 2 == 0, destination=End())
        for number, (state, intent) in enumerate((s, i) for s in FindingState for i in Intent)
    ]
    page = render(report(rows)).decode()
    # One span or label in English is followed by its Chinese, which is not empty.
    english = re.findall(r'<(span|text)((?: [^>]*)?) lang="en"(?: class="always")?>', page)
    chinese = re.findall(r'<(span|text)((?: [^>]*)?) lang="zh-Hans"(?: class="always")?>[^<]', page)
    assert english == chinese and len(english) > 300
    outside = re.sub(
        r'(?s)<style>.*</style>|<script.*</script>|<(span|text)[^>]* lang="[^"]+"[^>]*>[^<]*</\1>', "", page
    )
    words = {word for word in re.sub(r"<[^>]*>", " ", outside.partition("<body>")[2]).split() if word.isalpha()}
    known = {"Waybill", "UTC", "Wing", "drawings", "sigma", "unauthorised", "gateway", "mail", "USB", "locked", "CN"}
    assert {word for word in words if word.isascii()} <= known | {
        "kB",
        "MB",
        "GB",
        "B",
        "the",
        "line",
        "is",
        "not",
        "JSON",
        "no",
    }


def test_tables_have_captions_and_scopes_and_headings_do_not_skip() -> None:
    page = render(report(60)).decode()
    parsed = Parsed(page.encode())
    assert parsed.tags["caption"] == parsed.tags["table"] > 8
    assert len(re.findall(r"<th[ >]", page)) == len(parsed.values("scope"))
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] in (1, 2) and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert parsed.tags["main"] == parsed.tags["header"] == parsed.tags["footer"] == 1
    ids = parsed.values("id")
    assert len(ids) == len(set(ids))
    assert {value[1:] for value in parsed.values("href")} | set(parsed.values("aria-labelledby")) <= set(ids)


def test_nothing_is_hidden_and_the_file_stays_small() -> None:
    sample = report(2_000)
    page = render(sample)
    assert len(page) <= 3_000_000
    text = Parsed(page).text
    assert all(
        one.finding.transfers[0][:8] in text and f"Wing drawings {number}" in text
        for number, one in enumerate(sample.rows[:50])
    )
    assert Parsed(page).tags["tr"] > 2_000


def test_what_is_not_listed_is_counted() -> None:
    sample = report(2_700)
    page = render(sample)
    assert len(page) <= 3_000_000
    missing = re.findall(r"([\d,]+) of them are counted here and not listed", page.decode())
    listed = page.count(b'<td><b class="badge')
    assert sum(int(number.replace(",", "")) for number in missing) + listed == len(sample.rows)


def test_a_page_of_the_longest_texts_is_bounded() -> None:
    sample = everywhere("长\u202e" * 100_000)
    rows = [
        msgspec.structs.replace(one, finding=msgspec.structs.replace(one.finding, id=f"{number:032x}"))
        for number, one in enumerate(sample.rows * 10)
    ]
    assert len(render(msgspec.structs.replace(sample, rows=tuple(rows)))) < 5_000_000


def test_states_have_names_and_those_that_count_are_known() -> None:
    assert set(STATES) == {str(state) for state in FindingState}
    assert set(STATES) >= SET_ASIDE


def test_a_row_tells_what_is_asked_of_it() -> None:
    one: Row = row(
        4,
        finding=finding(4, transfers=tuple(f"{n:032x}" for n in range(0xABC00000, 0xABC00000 + 9)), outcome="blocked"),
        intent=Intent.ACCIDENT,
        state="in_progress",
        more_destinations=2,
    )
    text = Parsed(render(report([one]))).text
    told: list[Any] = [
        one.finding.title, one.finding.sentence, one.finding.advice,
        Text("accident", "意外"), Text("in progress", "处理中"), Text("informational", "提示"),
        Text("blocked", "已拦截"), Text("and 2 other places", "另有 2 处其他去向"), Text("9 transfers", "9 次转移"),
    ]  # fmt: skip
    assert all(part.en in text and part.zh in text for part in told)
    assert "eda-store-4 (设计中心, CN)" in text and "drop-4.example" in text
    assert "gateway/2026/egress-004.ndjson.gz:21" in text and "+6" in text


def _colours() -> dict[str, tuple[str, str]]:
    css = (resources.files("waybill.report") / "tokens.css").read_text(encoding="utf-8")
    return {name: (light, dark) for name, light, dark in re.findall(r"--(\w+): light-dark\((#\w+), (#\w+)\)", css)}


def _contrast(one: str, other: str) -> float:
    """Return the contrast of WCAG 2.2 (1.4.3)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize(
    "ink", ["ink", "quiet", "link", "strong", "critical", "high", "medium", "low", "informational"]
)
def test_text_can_be_read_in_both_themes(ink: str, theme: int) -> None:
    colours = _colours()
    for ground in ("page", "panel"):
        assert _contrast(colours[ink][theme], colours[ground][theme]) >= 4.5, (ink, ground)
    assert _contrast(colours["ink"][theme], colours["band"][theme]) >= 4.5, "labels of ways stand on their bands"
