"""Lots and devices: find one, and see on one page where it came from and went, its standing, papers and gaps."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.pages.attachments import attachment
from waybill.console.process import process
from waybill.epcis.identifiers import lot_number
from waybill.flow.custody import tracing
from waybill.flow.custody.traces import RECALL_COLUMNS, Trace, recall_rows
from waybill.flow.exits import Exit, leave
from waybill.model.errors import UsageError

SHOWN = 100
"""Rows of each table; the list for a recall has all."""

MOST_EDGES = 120
"""Steps of the picture."""


@needs(Permission.TRANSFERS_READ)
def lots(request: HttpRequest) -> HttpResponse:
    """List lots and things by their number or name, those seen last first."""
    name = asking.text(request.GET, "name")
    found = tracing.listed(process().installation, name, SHOWN + 1) if _sees_all(request) else []
    context = {"found": found[:SHOWN], "more": len(found) > SHOWN, "name": name, "may_see": _sees_all(request)}
    return render(request, "console/lots.html", context)


@needs(Permission.TRANSFERS_READ)
def lot(request: HttpRequest, item: str) -> HttpResponse:
    """Show one lot whole."""
    found = _traced(request, item)
    context = {
        "lot": found,
        "upstream": found.upstream[:SHOWN],
        "downstream": found.downstream[:SHOWN],
        "chart": _picture(found),
        "parties": {"suppliers": found.suppliers, "customers": found.customers},
        "may_export": account(request).may(Permission.RECORDS_EXPORT) and bool(found.downstream),
    }
    return render(request, "console/lot.html", context)


@needs(Permission.RECORDS_EXPORT)
@require_POST
def recall(request: HttpRequest, item: str) -> HttpResponse:
    """Send what has to be recalled as a file, if a permit covers that; it is kept that it left."""
    here, found = process(), _traced(request, item)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(RECALL_COLUMNS)
    writer.writerows(recall_rows(found))
    content = text.getvalue().encode("utf-8-sig")
    purpose, to_place = asking.written(request, "purpose"), asking.written(request, "to_place")
    leaving = Exit(
        asset="waybill:lots",
        who=account(request).pseudonym,
        to_place=to_place,
        purpose=purpose,
        records=len(found.downstream),
        bytes=len(content),
    )
    leave(here.installation, here.answers.register.get(), leaving)
    return attachment(content, "recall.csv", "text/csv; charset=utf-8")


def _sees_all(request: HttpRequest) -> bool:
    """Return whether the reader's roles have no bounds: a chain goes through organisations."""
    return account(request).reach(Permission.TRANSFERS_READ).is_whole


def _traced(request: HttpRequest, item: str) -> Trace:
    if not _sees_all(request):
        raise Http404
    try:
        return tracing.trace(process().installation, item)
    except UsageError:
        raise Http404 from None


def _picture(found: Trace) -> dict[str, Any]:
    """Return the steps as bands between items; a step that closes a circle is in the table alone."""
    after: dict[str, set[str]] = {}
    links = []
    for edge in found.edges[:MOST_EDGES]:
        if edge.source not in _beyond(after, edge.target) and edge.target not in after.get(edge.source, ()):
            after.setdefault(edge.source, set()).add(edge.target)
            links.append({"source": edge.source, "target": edge.target, "value": 1})
    ends = dict.fromkeys(end for link in links for end in (link["source"], link["target"]))
    nodes = [{"name": end, "label": lot_number(str(end))} for end in ends]
    return {"kind": "sankey", "nodes": nodes, "links": links}


def _beyond(after: dict[str, set[str]], start: str) -> set[str]:
    """Return an item and all that the picture leads to from it."""
    seen, layer = {start}, {start}
    while layer := {one for item in layer for one in after.get(item, ())} - seen:
        seen |= layer
    return seen
