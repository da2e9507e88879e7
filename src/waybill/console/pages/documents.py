"""Registered documents and tables of records: which are recognised, since when, and what they were found in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.process import process
from waybill.content.documents import Document
from waybill.content.exact import RecordTable
from waybill.flow.discovery.contents import holders
from waybill.flow.documents import library
from waybill.flow.records import library as tables

SHOWN = 10
"""Things that hold a document which are listed; all are counted."""


@needs(Permission.REGISTER_READ)
def documents(request: HttpRequest) -> HttpResponse:
    """List registered documents and tables within the reader's reach, and where they turned up."""
    installation, reach = process().installation, account(request).reach(Permission.REGISTER_READ)
    assets = {asset.id: asset for asset in installation.register().assets}
    found = holders() if reach.is_whole else {}

    def shown(registered: Iterable[Document | RecordTable]) -> Iterator[dict[str, object]]:
        for one in registered:
            asset = assets.get(one.asset)
            if reach.is_whole or (asset is not None and reach.covers(asset.owner, asset.grade)):
                held = found.get(one.id, [])
                yield {"one": one, "asset": asset, "held": held[:SHOWN], "more": len(held) - SHOWN}

    context = {
        "documents": list(shown(library(installation).documents())),
        "tables": list(shown(tables(installation).tables())),
    }
    return render(request, "console/documents.html", context)
