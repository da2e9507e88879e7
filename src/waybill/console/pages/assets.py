"""Assets: what is controlled, how much is known to move, and which sources watch it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.findings.queries import ALL_STATES, Filter
from waybill.flow import inquiry
from waybill.model.register import Asset
from waybill.model.words import AssetKind, Grade

PAGE = 200
"""Assets that one page lists; more are asked for by their name."""

FILTERS = ("name", "kind", "grade", "watched")


@needs(Permission.REGISTER_READ)
def assets(request: HttpRequest) -> HttpResponse:
    """List assets, the gravest first, of equal grade those that nobody watches first."""
    answers = process().answers
    register = {asset.id: asset for asset in answers.register.get().assets}
    reach = account(request).reach(Permission.REGISTER_READ)
    name, watched = asking.text(request.GET, "name").casefold(), asking.text(request.GET, "watched")
    kind, grade = asking.word(request.GET, "kind", AssetKind), asking.word(request.GET, "grade", Grade)

    def fits(asset: Asset, is_watched: bool) -> bool:
        return (
            reach.covers(asset.owner, asset.grade)
            and (not name or name in asset.name.casefold() or name in asset.id.casefold())
            and kind in {None, asset.kind}
            and grade in {None, asset.grade}
            and watched in {"", "yes" if is_watched else "no"}
        )

    found = [
        (register[one.asset], one)
        for one in answers.coverage.get()
        if one.asset in register and fits(register[one.asset], bool(one.sources))
    ]
    context = {
        "found": found[:PAGE],
        "more": max(0, len(found) - PAGE),
        "asked": {name: asking.text(request.GET, name) for name in FILTERS},
        "kept": asking.kept(request, FILTERS),
        "kinds": list(AssetKind),
        "grades": list(reversed(Grade)),
        "permits": answers.register.get().permits_by_asset,
    }
    return render(request, "console/assets.html", context)


@needs(Permission.REGISTER_READ)
def asset(request: HttpRequest, id: str) -> HttpResponse:
    """Show one asset: how logs name it, who may move it, who watches it, what was found about it."""
    here = process()
    register, reader = here.answers.register.get(), account(request)
    if register.asset(id) is None:
        register = here.installation.register()  # it may have come in just now
    found = register.asset(id)
    if found is None or not reader.reach(Permission.REGISTER_READ).covers(found.owner, found.grade):
        raise Http404
    watching = next((one for one in here.answers.coverage.get() if one.asset == id), None)
    page = None
    if reader.may(Permission.FINDINGS_READ):
        fits = inquiry.within(reader.reach(Permission.FINDINGS_READ), register)
        wanted = Filter(asset=found.id, states=ALL_STATES)
        page = inquiry.page(here.installation, register, wanted, fits=fits, limit=10)
    context = {
        "asset": found,
        "home": register.place(found.home),
        "permits": register.permits_by_asset.get(found.id, ()) if reader.may(Permission.PERMITS_READ) else None,
        "watching": watching.sources if watching else (),
        "findings": page,
    }
    return render(request, "console/asset.html", context)
