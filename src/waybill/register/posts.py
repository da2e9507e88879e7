"""Sensitive posts and who holds them: taken, steps done, left. People stand here by pseudonym alone.

The control database must be open before this module is imported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import msgspec
from django.db import transaction

from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.outbox import adding as outbox
from waybill.outbox.kinds import Kind as Recorded
from waybill.register import legal_tables as tables
from waybill.register import models
from waybill.rulebook.facts import vocabulary

_SEPARATOR = ";"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A sensitive post."""

    id: str
    title: str
    org: str = ""
    secrecy_class: str = "none"
    """``none``, ``general``, ``important`` or ``core``: of the law on state secrets."""
    assets: tuple[str, ...] = ()
    """What its holder knows: ids of assets."""
    approver: str = ""
    """Post whose holder approves journeys and moves."""
    rotation_months: int | None = None
    vetting_months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A person on a post."""

    number: int
    post: Post
    person: str
    since: date
    vetted_on: date | None = None
    left_on: date | None = None
    secret_until: date | None = None
    """Last day of the de-secrecy period."""
    compete_until: date | None = None
    goes_to: str = ""
    goes_to_country: str = ""
    done: dict[str, str] = field(default_factory=dict)
    """Steps that are done, with who said so and when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What is told of somebody who leaves."""

    on: date
    goes_to: str = ""
    goes_to_country: str = ""
    secret_until: date | None = None
    compete_until: date | None = None


def define(post: Post, *, who: str) -> Post:
    """Keep a post, new or changed. Raises UsageError for what the register or the rulebook does not know."""
    classes = vocabulary()["secrecy_class"].choices
    with storage_faults(), transaction.atomic():
        if not post.id or not post.title:
            raise UsageError("a post needs an id and a title")
        if post.secrecy_class not in classes:
            raise UsageError(f"{post.secrecy_class!r} is no class", where=post.id, expected=", ".join(classes))
        known = set(models.Asset.objects.filter(pk__in=post.assets).values_list("pk", flat=True))
        if missing := [one for one in post.assets if one not in known]:
            raise UsageError("there is no such asset", where=f"{post.id}: {missing[0]}")
        if post.approver == post.id or (post.approver and not tables.Post.objects.filter(pk=post.approver).exists()):
            raise UsageError("there is no such post to approve", where=f"{post.id}: {post.approver}")
        values = {
            "title": post.title,
            "org": post.org,
            "secrecy_class": post.secrecy_class,
            "assets": _SEPARATOR.join(post.assets),
            "approver": post.approver,
            "rotation_months": post.rotation_months,
            "vetting_months": post.vetting_months,
        }
        tables.Post.objects.update_or_create(pk=post.id, defaults=values)
        outbox.add(outbox.Record(Recorded.POST, post.id, {"what": values, "who": {"by": who}}))
    return post


def take(post: str, person: str, since: date, vetted_on: date | None, *, who: str) -> Holding:
    """Put a person on a post. Raises UsageError if there is no such post, or the person holds it already."""
    with storage_faults(), transaction.atomic():
        row = tables.Post.objects.filter(pk=post).first()
        if row is None:
            raise UsageError("there is no such post", where=post, advice="`waybill roles list` lists them")
        if tables.Holding.objects.filter(post=row, person=person, left_on=None).exists():
            raise UsageError("this person holds the post already", where=f"{post}: {person}")
        held = tables.Holding.objects.create(post=row, person=person, since=since, vetted_on=vetted_on)
        if vetted_on is not None:
            _note(held, "vetted", who)
        return _recorded(held, "taken", who)


def do(post: str, person: str, step: str, *, who: str) -> Holding:
    """Keep that a step of a checklist is done, a vetting as of today. Raises UsageError for one that is no step."""
    known = [fact.name for fact in vocabulary().values() if fact.step]
    if step not in known:
        raise UsageError("there is no such step", where=step, expected=", ".join(known))
    with storage_faults(), transaction.atomic():
        held = _held(post, person)
        if step == "vetted":
            held.vetted_on = datetime.now(UTC).date()
        _note(held, step, who)
        return _recorded(held, step, who)


def leave(post: str, person: str, leaving: Leaving, *, who: str) -> Holding:
    """Keep that a person leaves a post. Raises UsageError for days that cannot be."""
    with storage_faults(), transaction.atomic():
        held = _held(post, person)
        if leaving.on < held.since:
            raise UsageError(f"the post was taken on {held.since}", where=f"{post}: left on {leaving.on}")
        for until in (leaving.secret_until, leaving.compete_until):
            if until is not None and until < leaving.on:
                raise UsageError(f"a period ends on {until}, before it begins", where=f"{post}: {leaving.on}")
        held.left_on, held.goes_to, held.goes_to_country = leaving.on, leaving.goes_to, leaving.goes_to_country
        held.secret_until, held.compete_until = leaving.secret_until, leaving.compete_until
        _note(held, "pledge_signed", "")  # that of who leaves is another than that of who came
        if leaving.secret_until is not None:
            _note(held, "period_fixed", who)
        return _recorded(held, "left", who)


def every() -> list[Post]:
    """Return all posts, by id."""
    with storage_faults():
        return [_post(row) for row in tables.Post.objects.order_by("id")]


def holdings() -> list[Holding]:
    """Return who holds or held which post, the latest first."""
    with storage_faults():
        rows = tables.Holding.objects.select_related("post").order_by("-since", "-id")
        return [_holding(row) for row in rows]


def _held(post: str, person: str) -> tables.Holding:
    rows = tables.Holding.objects.select_for_update().select_related("post").filter(post_id=post, person=person)
    held = rows.order_by("-id").first()
    if held is None:
        raise UsageError("this person does not hold the post", where=f"{post}: {person}")
    return held


def _note(held: tables.Holding, step: str, who: str) -> None:
    """Note who said that a step is done; nobody: that it is not."""
    done = msgspec.json.decode(held.done, type=dict[str, str])
    if who:
        done[step] = f"{who} {datetime.now(UTC):%Y-%m-%d %H:%M}"
    else:
        done.pop(step, None)
    held.done = msgspec.json.encode(done, order="sorted").decode()


def _recorded(held: tables.Holding, step: str, who: str) -> Holding:
    held.save()
    found = _holding(held)
    days = {"since": held.since, "left_on": held.left_on, "vetted_on": held.vetted_on, "until": held.secret_until}
    groups = {
        "what": {"post": held.post_id, "step": step, "goes_to": held.goes_to, "country": held.goes_to_country},
        "when": {name: day.isoformat() for name, day in days.items() if day},
        "who": {"by": who, "person": held.person},
    }
    outbox.add(outbox.Record(Recorded.POST, held.post_id, groups, held.person))
    return found


def _post(row: tables.Post) -> Post:
    return Post(
        id=row.id,
        title=row.title,
        org=row.org,
        secrecy_class=row.secrecy_class,
        assets=tuple(row.assets.split(_SEPARATOR)) if row.assets else (),
        approver=row.approver,
        rotation_months=row.rotation_months,
        vetting_months=row.vetting_months,
    )


def _holding(row: tables.Holding) -> Holding:
    return Holding(
        number=row.pk,
        post=_post(row.post),
        person=row.person,
        since=row.since,
        vetted_on=row.vetted_on,
        left_on=row.left_on,
        secret_until=row.secret_until,
        compete_until=row.compete_until,
        goes_to=row.goes_to,
        goes_to_country=row.goes_to_country,
        done=msgspec.json.decode(row.done, type=dict[str, str]),
    )
