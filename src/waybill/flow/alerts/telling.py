"""Who is told what and when: one message under way to each receiver, further findings wait for the next.

A message is made once and kept until the receiver took it; so a receiver that is down for a day gets all of it later,
and only once. Should this process die between the taking and the noting, the message comes a second time, under the
same number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from waybill.flow.alerts.message import Discretion, compose, purpose_of
from waybill.flow.alerts.receivers import Receiver, receivers
from waybill.flow.installation import Installation
from waybill.flow.intake.reception import ForbiddenError
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Action, Channel
from waybill.outbox.adding import Record
from waybill.outbox.kinds import Kind

if TYPE_CHECKING:
    from waybill.findings.alerting import Message


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one round."""

    sent: int = 0
    """Messages that were taken."""
    findings: int = 0
    """Findings that they told of."""
    waiting: int = 0
    """Messages that were not taken, and are tried again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How messages to one receiver stand."""

    mark: str
    kind: str
    sent: datetime | None
    """When one was taken last."""
    since: datetime | None
    """When the one was made that waits; none if none does."""
    attempts: int
    """How often it was tried."""


def is_due(installation: Installation, now: datetime) -> bool:
    """Return whether anybody is to be told something now."""
    from waybill.findings.alerting import has_news

    settings = installation.settings
    return any(
        has_news(one.mark, settings.alert_severity, settings.alert_seconds, now) for one in _receivers(installation)
    )


def tell(installation: Installation, now: datetime | None = None) -> Told:
    """Tell every receiver what is new, as far as it is time."""
    from waybill.findings.alerting import has_news

    now = now or datetime.now(UTC)
    settings = installation.settings
    done = Told()
    for one in _receivers(installation):
        if has_news(one.mark, settings.alert_severity, settings.alert_seconds, now):
            done = _tell(installation, one, now, done)
    return done


def standings(installation: Installation) -> list[Standing]:
    """Return how messages to each receiver stand."""
    from waybill.findings.alerting import last_sent, under_way

    found = []
    for one in _receivers(installation):
        message = under_way(one.mark)
        since, attempts = (message.made_at, message.attempts) if message else (None, 0)
        found.append(Standing(one.mark, one.kind, last_sent(one.mark), since, attempts))
    return found


def try_all(installation: Installation) -> dict[str, bool]:
    """Send every receiver a message that says nothing; returns by receiver whether it was taken."""
    text = Text("A test: messages from Waybill get here.", "测试：Waybill 的消息可以送达。")
    body = text.zh if installation.settings.alert_language == "zh" else text.en
    return {f"{one.kind} {one.mark}": one.send("Waybill", body) for one in _receivers(installation)}


def _tell(installation: Installation, receiver: Receiver, now: datetime, done: Told) -> Told:
    from waybill.findings import alerting

    message = alerting.under_way(receiver.mark) or alerting.gather(
        receiver.mark, installation.settings.alert_severity, now
    )
    if message is None:
        return done
    items = alerting.told_of(message)
    if not items:
        alerting.sent(message, now, None)
        return done
    discretion = _discretion(installation, receiver, now)
    title, body = compose(items, message.number, discretion)
    if not let_out(installation, receiver, discretion.register, (title, body), len(items)):
        alerting.failed(message, now)
        return Told(done.sent, done.findings, done.waiting + 1)
    alerting.sent(message, now, _record(receiver, message, len(items), now))
    return Told(done.sent + 1, done.findings + len(items), done.waiting)


def let_out(
    installation: Installation, receiver: Receiver, register: RegisterSnapshot, content: tuple[str, str], findings: int
) -> bool:
    """Send a message as far as permits allow: it is an exit like any other. Returns whether it was taken."""
    from waybill.flow.exits import Exit, check, left

    leaving = Exit(
        asset="waybill:alerts",
        who="waybill",
        to_place=f"alert-{receiver.mark}",
        purpose="alert",
        records=findings,
        bytes=len("".join(content).encode()),
        action=Action.SEND,
        channel=Channel.EMAIL if receiver.kind.startswith("mailto") else Channel.WEB,
    )
    try:
        check(installation, register, leaving)
    except ForbiddenError:
        return False
    if not receiver.send(*content):
        return False
    left(installation, register, leaving)
    return True


def _record(receiver: Receiver, message: Message, findings: int, now: datetime) -> Record:
    groups = {
        "what": {"message": message.number, "findings": findings},
        "who": {"receiver": receiver.mark, "kind": receiver.kind},
        "when": {"time": now},
    }
    return Record(Kind.ALERT, receiver.mark, groups)


def _discretion(installation: Installation, receiver: Receiver, now: datetime) -> Discretion:
    settings = installation.settings
    return Discretion(
        key=installation.folder.key("pseudonym"),
        purpose=purpose_of(receiver.mark, now),
        grade=settings.alert_grade,
        register=installation.register(),
        chinese=settings.alert_language == "zh",
        link=f"https://{settings.serve_names[0]}/findings" if settings.serve_names else "",
    )


def _receivers(installation: Installation) -> list[Receiver]:
    return receivers(installation.settings.alerts, installation.folder.key("id"))
