"""The ledger: how it stands, what it holds about a thing, and the proof of it to take along."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.pages.attachments import attachment
from waybill.console.process import process
from waybill.flow.exits import RECORDS, Exit, leave
from waybill.flow.proof import proofs
from waybill.flow.proof.revealing import groups_for
from waybill.model.errors import UsageError
from waybill.outbox import queue
from waybill.outbox.leaves import groups_of
from waybill.outbox.models import Row


@needs(Permission.LEDGER_READ)
def ledger(request: HttpRequest) -> HttpResponse:
    """Show how the ledger stands, and what was recorded under the id that is asked for."""
    here, id = process(), asking.text(request.GET, "id")
    found = here.answers.ledger.get()
    context: dict[str, Any] = {
        "standing": found,
        "witnesses": [(name, datetime.fromtimestamp(at, UTC)) for name, at in sorted(found.witnesses.items())],
        "id": id,
    }
    if id:
        try:
            row, member = proofs.find(here.installation, id)
            shown, groups = _tellable(request, row), groups_of(row.content)
            context |= {
                "row": row,
                "member": member,
                "groups": [(name, _readable(value)) for name, value in groups.items() if name in shown],
                "takeable": sorted(_takeable(request, row)),
                "is_withheld": bool(shown) and shown != set(groups),
                "is_beyond": bool(groups) and not shown,
                "records": [one for one in queue.about(row.reference or row.record) if one.record != row.record],
            }
        except UsageError as error:
            context["error"] = error
    return render(request, "console/ledger.html", context)


@needs(Permission.LEDGER_READ)
def proof(request: HttpRequest, id: str) -> HttpResponse:
    """Send the proof that a record is in the ledger (c2sp.org/tlog-proof)."""
    here = process()
    row: Row = proofs.find(here.installation, id)[0]
    return attachment(str(proofs.proof_of(here.installation, row)).encode(), f"{row.record}.tlog-proof", "text/plain")


@needs(Permission.RECORDS_EXPORT)
@require_POST
def disclosure(request: HttpRequest, id: str) -> HttpResponse:
    """Send the groups of a record that are asked for, with their proof; whoever has it can check it alone.

    It leaves as an export does: if a permit covers that, and it is kept that it left.
    """
    here, register = process(), process().answers.register.get()
    row = proofs.find(here.installation, id)[0]
    tellable = _takeable(request, row)
    groups = (set(request.POST.getlist("group")) or tellable) & tellable
    if groups_of(row.content) and not groups:  # for no group at all, all of them would be shown
        raise PermissionDenied
    content = bytes(proofs.disclose(here.installation, id, groups))
    purpose, to_place = asking.written(request, "purpose"), asking.written(request, "to_place")
    who = account(request).pseudonym
    leave(here.installation, register, Exit(RECORDS, who, to_place, purpose, records=1, bytes=len(content)))
    return attachment(content, f"{row.record}.json", "application/json")


def _takeable(request: HttpRequest, row: Row) -> set[str]:
    """Return the groups of a record that the reader may see, and take along."""
    return _tellable(request, row) & _tellable(request, row, Permission.RECORDS_EXPORT)


def _tellable(request: HttpRequest, row: Row, permission: Permission | None = None) -> set[str]:
    """Return the groups of a record that the reader may see; by ``permission``, in place of that of its kind."""
    reader = account(request)
    return groups_for(row, lambda own: reader.reach(permission or own), process().answers.register.get())


def _readable(value: str | bytes) -> str:
    return msgspec.json.format(value if isinstance(value, bytes) else value.encode()).decode()
