"""A day of a cloud directory and its data stores as OCSF 1.8 events (https://schema.ocsf.io/1.8.0)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from waybill.simulate.cast import Cast, Organisation
from waybill.simulate.feeds import Feed, Marks, Record, Role, Tag, write_lines

_AUTHENTICATION, _API, _DATASTORE = 3002, 6003, 6005
_CLASSES = {
    _AUTHENTICATION: (3, "Identity & Access Management", "Authentication"),
    _API: (6, "Application Activity", "API Activity"),
    _DATASTORE: (6, "Application Activity", "Datastore Activity"),
}

_Event = tuple[int, int, str, Record]
"""Class, activity, its name, and what is particular to it."""


def feed(cast: Cast, count: int) -> Feed:
    """Return ``count`` ordinary events and the marked ones."""
    feed = Feed()
    for _ in range(count):
        moment, organisation = cast.moment(), cast.random.choice((cast.chip_house, cast.clinic))
        make = cast.random.choices(_ORDINARY, weights=_WEIGHTS)[0]
        feed.add(moment, _event(cast, moment, organisation, make(cast, organisation)))
    _consent(cast, feed)
    _broken(cast, feed)
    return feed


def write(folder: Path, feed: Feed) -> Marks:
    """Write the day as gzipped JSON lines."""
    return write_lines(folder, "directory/ocsf.ndjson.gz", feed)


def _consent(cast: Cast, feed: Feed) -> None:
    """Consent to an application that asks for the mailbox; the twin withdraws consent."""
    deeds = ((Role.LEAK, "Consent to application"), (Role.TWIN, "Remove delegated permission grant"))
    for role, operation in deeds:
        moment, marker = cast.moment(), cast.uuid()
        call = {
            "api": {"operation": operation, "service": {"name": "directory"}, "request": {"uid": marker}},
            "resources": [{"name": "calendar-helper", "type": "ServicePrincipal"}],
        }
        consent: _Event = (_API, 1, "Create", call | _endpoint(cast, cast.chip_house))
        event = _event(cast, moment, cast.chip_house, consent)
        feed.add(moment, event, Tag(role, marker, "consent-granted"))


def _broken(cast: Cast, feed: Feed) -> None:
    """Add an event that was cut off and one from before clocks were set."""
    first, second = cast.token(), cast.token()
    feed.add(
        cast.moment(), b'{"class_uid":6003,"activity_id":2,"time":17724,"' + first.encode(), Tag(Role.BROKEN, first)
    )
    moment = cast.moment()
    event = _event(cast, moment, cast.clinic, _sign_in(cast, cast.clinic))
    feed.add(moment, event | {"time": 0, "message": f"clock unset {second}"}, Tag(Role.BROKEN, second))


def _event(cast: Cast, moment: datetime, organisation: Organisation, event: _Event) -> Record:
    kind, activity, name, more = event
    category, category_name, class_name = _CLASSES[kind]
    person = cast.person(organisation)
    user = {"name": person, "uid": f"u-{person}", "type_id": 1, "email_addr": f"{person}@{organisation.domain}"}
    return {
        "class_uid": kind,
        "class_name": class_name,
        "category_uid": category,
        "category_name": category_name,
        "activity_id": activity,
        "activity_name": name,
        "type_uid": kind * 100 + activity,
        "severity_id": 1,
        "status_id": 1,
        "status": "Success",
        "time": round(moment.timestamp() * 1000),
        "metadata": {"version": "1.8.0", "uid": cast.uuid(), "product": {"name": "Directory", "vendor_name": "Tenant"}},
        **({"user": user} if kind == _AUTHENTICATION else {"actor": {"user": user}}),
        **more,
    }


def _endpoint(cast: Cast, organisation: Organisation) -> Record:
    return {"src_endpoint": {"ip": cast.address(organisation)}}


def _sign_in(cast: Cast, organisation: Organisation) -> _Event:
    service = cast.random.choice(("mail", "files", "meetings"))
    more = {
        "is_mfa": True,
        "service": {"name": service},
        "dst_endpoint": {"hostname": f"{service}.{organisation.domain}"},
    }
    return _AUTHENTICATION, 1, "Logon", more | _endpoint(cast, organisation)


def _call(cast: Cast, organisation: Organisation) -> _Event:
    operation = cast.random.choice(("List users", "Get group", "Get device", "List sign-ins"))
    more = {"api": {"operation": operation, "service": {"name": "directory"}, "request": {"uid": cast.uuid()}}}
    return _API, 2, "Read", more | _endpoint(cast, organisation)


def _query(cast: Cast, organisation: Organisation) -> _Event:
    table = cast.random.choice(("appointments", "rooms", "projects", "tickets"))
    more = {"database": {"name": "work", "type_id": 1}, "table": {"name": table}, "type_id": 1}
    return _DATASTORE, 1, "Read", more | _endpoint(cast, organisation)


_ORDINARY: tuple[Callable[[Cast, Organisation], _Event], ...] = (_sign_in, _call, _query)
_WEIGHTS = (40, 30, 30)
