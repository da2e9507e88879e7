"""Sets the report of a case as one page of HTML, to be read and printed: no script, no address."""

from __future__ import annotations

from waybill.flow.cases.report import Document, Section
from waybill.report.markup import Markup, joined, tag

_CSS = Markup(
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{border-bottom:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "small{color:#555}"
)


def page(document: Document) -> str:
    """Return the page."""
    body = [
        tag("h1", document.title),
        tag("p", " · ".join(document.standing)),
        [tag("p", tag("strong", note)) for note in document.notes],
        [_section(one, document.nothing) for one in document.sections],
    ]
    head = [tag("meta", charset="utf-8"), tag("title", document.title), tag("style", _CSS)]
    return "<!doctype html>\n" + tag("html", tag("head", head), tag("body", body), lang=document.language)


def _section(section: Section, nothing: str) -> Markup:
    if not section.rows:
        return joined([tag("h2", section.title), tag("p", nothing)])
    head = tag("tr", (tag("th", name, scope="col") for name in section.heads))
    body = (tag("tr", (tag("td", cell) for cell in row)) for row in section.rows)
    return joined([tag("h2", section.title), tag("table", tag("thead", head), tag("tbody", body))])
