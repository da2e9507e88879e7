"""Whether a case lies within the reach of the reader's roles: beyond it, it is as if it did not exist."""

from __future__ import annotations

from django.http import HttpRequest

from waybill.access.roles import Permission
from waybill.cases.acting import no_such_case
from waybill.console.entrance.permitting import account
from waybill.console.process import process
from waybill.flow.cases import opening as flow


def covers(request: HttpRequest, case: int, permission: Permission) -> bool:
    """Return whether the reader's roles give a permission for a case."""
    reach = account(request).reach(permission)
    return bool(reach) and flow.covers(reach, process().answers.register.get(), case)


def check(request: HttpRequest, case: int, permission: Permission) -> None:
    """Raise UsageError, as if it did not exist, for a case for which the reader's roles give no such permission."""
    if not covers(request, case, permission):
        raise no_such_case(case)
