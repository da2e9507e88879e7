"""Sends the messages of playbooks, each until its receiver took it; as alerts, they leave as far as permits allow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from waybill.flow.alerts.message import purpose_of
from waybill.flow.alerts.receivers import Receiver
from waybill.flow.alerts.telling import let_out
from waybill.flow.installation import Installation
from waybill.flow.response.responding import receivers
from waybill.outbox.adding import Record
from waybill.outbox.kinds import Kind
from waybill.outbox.subjects import people
from waybill.register.pseudonyms import outward
from waybill.respond import notices
from waybill.respond.notices import Notice

TITLE = "Waybill"


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one round."""

    sent: int = 0
    waiting: int = 0
    """Messages that were not taken, and are tried again."""


def is_due(now: datetime) -> bool:
    """Return whether a message is to be sent now."""
    return bool(notices.due(now))


def send(installation: Installation, now: datetime | None = None) -> Sent:
    """Send what is due."""
    now = now or datetime.now(UTC)
    known, register = receivers(installation), installation.register()
    sent = waiting = 0
    for one in notices.due(now):
        receiver = known.get(one.receiver)
        text = _outward(installation, one, now)
        if receiver is not None and let_out(installation, receiver, register, (TITLE, text), 1):
            notices.sent(one, now, _record(one, receiver, now))
            sent += 1
        else:
            notices.failed(one, now)
            waiting += 1
    return Sent(sent, waiting)


def _outward(installation: Installation, notice: Notice, now: datetime) -> str:
    """Return a message with people as they are called outside: by pseudonyms of this receiver and month."""
    text, key = notice.message, installation.folder.key("pseudonym")
    for one in people(text):
        text = text.replace(one, outward(key, purpose_of(notice.receiver, now), one))
    return text


def _record(notice: Notice, receiver: Receiver, now: datetime) -> Record:
    groups = {
        "what": {"notice": notice.number},
        "who": {"receiver": receiver.mark, "kind": receiver.kind},
        "when": {"time": now},
    }
    return Record(Kind.ALERT, receiver.mark, groups)
