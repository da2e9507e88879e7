"""Labels: a code that was scanned or typed tells the standing of its lot, and a lot has a label to print."""

from __future__ import annotations

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.flow.custody import tracing
from waybill.flow.custody.traces import Trace
from waybill.model.errors import UsageError

CAMERA = "camera=(self), geolocation=(), microphone=()"
"""The one page that may ask for the camera."""


@needs(Permission.TRANSFERS_READ)
def labels(request: HttpRequest) -> HttpResponse:
    """Tell the standing of the lot that a code names; a camera reads codes where the browser can."""
    code = asking.text(request.GET, "code")
    whole = account(request).reach(Permission.TRANSFERS_READ).is_whole
    context = {
        "code": code,
        "lot": _found(code) if code and whole else None,
        "may_see": whole,
        "by_https": request.is_secure() or request.get_host().partition(":")[0] in ("localhost", "127.0.0.1"),
    }
    response = render(request, "console/labels.html", context)
    response["Permissions-Policy"] = CAMERA
    return response


@needs(Permission.TRANSFERS_READ)
def label(request: HttpRequest, item: str) -> HttpResponse:
    """Show the label of a lot, to be printed: its numbers, and its Digital Link as a QR code."""
    found = _found(item) if account(request).reach(Permission.TRANSFERS_READ).is_whole else None
    if found is None:
        raise Http404
    return render(request, "console/label.html", {"lot": found, "picture": picture(found.item)})


def picture(link: str) -> str:
    """Return the QR code (ISO/IEC 18004, error correction M) of a link as markup; of the link nothing stands in it."""
    code = segno.make(link, error="m", micro=False)
    drawn = code.svg_inline(scale=4, border=4, omitsize=True, dark="#000", light="#fff", svgclass=None, lineclass=None)
    return mark_safe(drawn)  # noqa: S308  # made of modules alone, no text of the link


def _found(code: str) -> Trace | None:
    try:
        return tracing.trace(process().installation, code)
    except UsageError:
        return None
