"""The whole page: one file that fetches nothing, says so to the browser, and can be read without its script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib import resources

from waybill.model.findings import Text
from waybill.report import charts, rows, scope, summary
from waybill.report.data import Report
from waybill.report.figures import Figures, figures
from waybill.report.lanes import Lane
from waybill.report.markup import ZH, Markup, both, joined, tag
from waybill.report.ways import ways
from waybill.report.wording import LANES, PRODUCT, TITLE

FIGURES = Text("Figures", "数据")
BASIS = Text("What this rests on", "依据")

STYLES = ("tokens.css", "elements.css", "page.css")
"""Colours, elements and the page's own; the first two are the console's as well."""


def render(report: Report, language: str = "en") -> bytes:
    """Return the report as one HTML file in UTF-8; ``language`` (``en`` or ``zh``) is the one it opens in.

    It holds both languages, prints on A4, and stays at about 3 MB: some 2,000 findings are listed one by one
    (``rows.LISTED_BYTES``) and all others are counted.
    """
    chinese = language == "zh"
    body = tag("body", _body(report, chinese))
    page = tag("html", _head(chinese), body, lang=ZH if chinese else "en")
    return f"<!doctype html>\n{page}\n".encode()


def _head(chinese: bool) -> Markup:
    style, script = joined(_asset(name) for name in STYLES), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="robots", content="noindex"),
        tag("title", TITLE.zh if chinese else TITLE.en),
        tag("style", style),
        tag("script", script, type="module"),
    )


@cache
def _asset(name: str) -> Markup:
    return Markup((resources.files("waybill.report") / name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    """Return the source expression of CSP 3 that admits exactly this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _body(report: Report, chinese: bool) -> Iterator[Markup]:
    found = figures(report)
    yield tag("a", both(Text("Skip to the figures", "跳到数据")), href="#figures", class_="skip")
    yield tag(
        "header",
        tag("div", _language(chinese), _theme(), class_="controls"),
        tag("p", both(PRODUCT), class_="product"),
        tag("h1", both(TITLE)),
        scope.short(report),
        _contents(found),
    )
    yield tag("main", _main(report, found), id="main")
    yield tag("footer", _foot(report))


def _main(report: Report, found: Figures) -> Iterator[Markup]:
    counted = [row for row in report.rows if row.counts]
    yield tag(
        "section",
        tag("h2", both(FIGURES), id="figures", tabindex=-1),
        summary.cards(report, found),
        summary.controls(found),
        tag("div", charts.by_severity(found), charts.by_time(found, sorted(report.controls)), class_="charts"),
        ways(counted) if counted else None,
        charts.by_reason(found) if counted else None,
        aria_labelledby="figures",
    )
    yield from rows.lanes(report.rows)
    yield tag(
        "section",
        tag("h2", both(BASIS), id="basis"),
        *scope.whole(report),
        aria_labelledby="basis",
    )


def _contents(found: Figures) -> Markup:
    links = [
        ("figures", FIGURES),
        *((f"lane-{lane}", _counted(LANES[lane], found.lanes[lane])) for lane in Lane),
        ("basis", BASIS),
    ]
    items = (tag("li", tag("a", both(text), href=f"#{target}")) for target, text in links)
    return tag(
        "nav",
        tag("h2", both(Text("Contents", "目录")), id="contents", class_="unseen"),
        tag("ul", items),
        aria_labelledby="contents",
    )


def _counted(name: Text, number: int) -> Text:
    return Text(f"{name.en} ({number:,})", f"{name.zh}（{number:,}）")


def _language(chinese: bool) -> Markup:
    return _switch(
        "lang",
        Text("Language", "语言"),
        [
            ("en", tag("span", "English", lang="en", class_="always"), not chinese),
            ("zh", tag("span", "中文", lang=ZH, class_="always"), chinese),
        ],
    )


def _theme() -> Markup:
    return _switch(
        "theme",
        Text("Colours", "配色"),
        [
            ("auto", both(Text("as the system", "跟随系统")), True),
            ("light", both(Text("light", "浅色")), False),
            ("dark", both(Text("dark", "深色")), False),
        ],
    )


def _switch(name: str, legend: Text, choices: list[tuple[str, Markup, bool]]) -> Markup:
    """Return radio buttons: they work by keyboard and, the style asking which is checked, without the script."""
    labels = (
        tag(
            "label",
            tag(
                "input", type="radio", name=name, id=f"{name}-{value}", value=value, checked=chosen, autocomplete="off"
            ),
            tag("span", text),
        )
        for value, text, chosen in choices
    )
    return tag("fieldset", tag("legend", both(legend)), labels)


def _foot(report: Report) -> Markup:
    made = f"Waybill {report.version}, {report.made_at:%Y-%m-%d %H:%M} UTC"
    told = Text(
        "People appear by pseudonym only. Times are UTC. This file fetches nothing and sends nothing; lists that are "
        "closed are not printed.",
        "人员仅以假名出现。时间均为 UTC。本文件不读取也不发送任何网络内容；未展开的列表不会打印。",
    )
    opener = tag("button", both(Text("Open all lists", "展开所有列表")), type="button", id="open-all", hidden=True)
    return joined([tag("p", made), tag("p", both(told)), opener])
