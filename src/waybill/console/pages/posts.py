"""Sensitive posts: who holds them, what rules ask for before somebody comes or goes, and what of it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.flow.law import roles
from waybill.flow.law.roles import ChecklistStep
from waybill.model.errors import UsageError
from waybill.register import posts as register
from waybill.register.posts import Holding


@dataclass(frozen=True, slots=True)
class Shown:
    """A person on a post, with what is to be done."""

    held: Holding
    steps: list[ChecklistStep]

    @property
    def undone(self) -> int:
        """How many steps are not done."""
        return sum(bool(step.fact) and not step.done for step in self.steps)


@needs(Permission.POSTS_READ)
def posts(request: HttpRequest) -> HttpResponse:
    """List posts with who holds or held them."""
    return _shown(request)


@needs(Permission.POSTS_MANAGE)
@require_POST
def do(request: HttpRequest) -> HttpResponse:
    """Keep that a step is done."""
    post, person, step = (asking.text(request.POST, name) for name in ("post", "person", "step"))
    who = account(request).pseudonym
    try:
        if not any(one.id == post for one in _within(request, Permission.POSTS_MANAGE)):
            raise UsageError("there is no such post", where=post)
        register.do(post, person, step, who=who)
    except UsageError as error:
        return _shown(request, error)
    return redirect("posts")


def _shown(request: HttpRequest, error: UsageError | None = None) -> HttpResponse:
    here, today = process().installation, datetime.now(UTC).date()
    book, held = here.law.current(), register.holdings()
    found = [
        (post, [Shown(one, roles.checklist(book, one, today)) for one in held if one.post.id == post.id])
        for post in _within(request, Permission.POSTS_READ)
    ]
    context = {
        "found": found,
        "may_manage": account(request).may(Permission.POSTS_MANAGE),
        "day": today,
        "error": error,
    }
    return render(request, "console/posts.html", context, status=400 if error else 200)


def _within(request: HttpRequest, permission: Permission) -> list[register.Post]:
    reach = account(request).reach(permission)
    return [post for post in register.every() if reach.covers(post.org, None)]
