"""Balance accounts: each site's stock of each material, and what moved in the month chosen."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.epcis.balance.product_flow import BASIS, due
from waybill.flow.custody.balancing import books
from waybill.model.errors import UsageError

SHOWN = 200
"""Rows of the table; ``waybill balance accounts`` has all."""


@needs(Permission.TRANSFERS_READ)
def balances(request: HttpRequest) -> HttpResponse:
    """Show the newest month of every account, of one site or material or of all."""
    site, material = asking.text(request.GET, "site"), asking.text(request.GET, "material")
    may_see = account(request).reach(Permission.TRANSFERS_READ).is_whole  # a chain goes through organisations
    try:
        accounts = books(process().installation).newest() if may_see else []
    except UsageError:
        accounts = []
    found = [one for one in accounts if site in ("", one.site) and material in ("", one.material)]
    last = max((one.month for one in accounts), default=None)
    context = {
        "may_see": may_see,
        "any": bool(accounts),
        "accounts": found[:SHOWN],
        "more": len(found) > SHOWN,
        "site": site,
        "material": material,
        "sites": sorted({one.site for one in accounts}),
        "materials": sorted({one.material for one in accounts if one.material}),
        "overdrawn": sum(not one.balanced for one in found),
        "last": last,
        "due": due(last) if last else None,
        "is_late": last is not None and due(last) < datetime.now(UTC),
        "basis": BASIS,
    }
    return render(request, "console/balances.html", context)
