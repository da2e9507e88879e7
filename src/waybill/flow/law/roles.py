"""Sensitive posts: who takes and leaves them is a transfer of know-how; the rules say what must be done first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from waybill.flow import people
from waybill.flow.installation import Installation
from waybill.flow.intake.enrichment import enrich
from waybill.flow.law.alarm_wording import left_undone, rotation, vetting
from waybill.model.findings import Finding, Text
from waybill.model.ids import record_hasher
from waybill.model.transfers import COLLECTED
from waybill.model.words import Action, AssetKind, Channel, Outcome, PartyKind, Severity
from waybill.rulebook import Rulebook, assess
from waybill.rulebook.calendars import months_later
from waybill.rulebook.facts import Value, vocabulary
from waybill.rulebook.steps import PEOPLE, steps
from waybill.rulebook.telling import ToldAnswer, told

if TYPE_CHECKING:
    from waybill.register.posts import Holding, Leaving

SOURCE = "waybill-roles"
HOME = "CN"
"""Whose law on secrets the rules about people are."""


@dataclass(frozen=True, slots=True)
class ChecklistStep:
    """A step of a checklist: what, by which rule, and whether it is done."""

    fact: str
    """Name under which it is said to be done; empty for a duty that goes on."""
    what: Text
    rule: str
    verified: bool
    quote: str
    done: str
    """Who said that it is done, and when; empty if it is not."""


def person_of(installation: Installation, name: str) -> str:
    """Return the pseudonym of a person as logs and the register name him or her; the name is kept sealed."""
    pseudonym = people.pseudonymiser(installation).pseudonym(name, PartyKind.PERSON)
    if pseudonym != name:
        installation.seal({pseudonym: (name, PartyKind.PERSON)})
    return pseudonym


def take(
    installation: Installation, post: str, person: str, since: date, vetted_on: date | None, *, who: str
) -> Holding:
    """Put a person on a post, who then knows its assets: that is kept as a transfer. Raises UsageError."""
    from waybill.register import posts

    held = posts.take(post, person, since, vetted_on, who=who)
    _move(installation, held, Action.RECEIVE, since)
    return held


def leave(installation: Installation, post: str, person: str, leaving: Leaving, *, who: str) -> Holding:
    """Keep that a person leaves: a transfer of know-how, which detectors judge. Raises UsageError."""
    from waybill.register import posts

    held = posts.leave(post, person, leaving, who=who)
    _move(installation, held, Action.MOVE, leaving.on)
    return held


def facts_of(held: Holding, day: date) -> dict[str, Value]:
    """Return the facts of a person on a post, as rules about people ask for them."""
    gone = held.left_on is not None and held.left_on <= day
    cooling = gone and held.secret_until is not None and day <= held.secret_until
    facts: dict[str, Value] = {
        "secrecy_class": held.post.secrecy_class,
        "takes_post": held.left_on is None,
        "leaves_post": held.left_on is not None,
        "cooling_off": cooling,
    }
    facts |= {fact.name: fact.name in held.done for fact in vocabulary().values() if fact.step}
    until = _vetted_until(held)
    facts["vetted"] = held.vetted_on is not None and (until is None or day <= until)
    if held.left_on is not None and held.goes_to_country:
        facts["joins_foreign_employer"] = held.goes_to_country != HOME
    if held.left_on is not None and held.compete_until is not None:
        facts["compete_months"] = _months(held.left_on, held.compete_until)
    return facts


def checklist(book: Rulebook, held: Holding, day: date) -> list[ChecklistStep]:
    """Return what the rules ask for before this person takes or leaves the post, done or not."""
    return [
        ChecklistStep(
            step.fact,
            step.rule.duties[0].what if step.rule.duties else step.rule.says,
            step.rule.id,
            step.standing.verified,
            step.rule.quote,
            held.done.get(step.fact, "") if step.done else "",
        )
        for step in steps(book, facts_of(held, day), day, day)
    ]


def journey(installation: Installation, held: Holding, country: str, day: date) -> list[ToldAnswer]:
    """Return what rules about people say of a journey abroad of somebody on a post, not approved yet."""
    book = installation.law.current()
    facts = facts_of(held, day) | {"goes_abroad": country != HOME, "exit_approved": False, "to_country": country}
    made = told(book, assess(book, facts, day, day))
    return [answer for answer in made.answers if answer.regime.endswith(PEOPLE)]


def approvers(held: Holding) -> list[str]:
    """Return who now holds the post that approves what the holder of this one does."""
    from waybill.register import posts

    return [one.person for one in posts.holdings() if one.post.id == held.post.approver and one.left_on is None]


def alarms(installation: Installation, now: datetime) -> Iterator[Finding]:
    """Yield what is due on posts: vetting, rotation, steps of those who left."""
    from waybill.flow.law.alarms import alarm
    from waybill.register import posts

    book, today = installation.law.current(), now.date()
    for held in posts.holdings():
        about = [held.post.id, held.person]
        if held.left_on is not None:
            undone = [one for one in checklist(book, held, today) if one.fact and not one.done]
            if undone and held.left_on <= today:
                words = left_undone(held.post.id, held.person, held.left_on, ", ".join(one.fact for one in undone))
                yield alarm("law.leaving-open", about, words, now, subject=held.person, severity=Severity.MEDIUM)
            continue
        until = _vetted_until(held)
        if until is not None and until < today:
            words = vetting(held.post.id, held.person, until)
            yield alarm("law.vetting-due", [*about, str(until)], words, now, subject=held.person)
        months = held.post.rotation_months
        if months and (due := months_later(held.since, months)) < today:
            yield alarm("law.rotation-due", about, rotation(held.post.id, held.person, due), now, subject=held.person)


def _vetted_until(held: Holding) -> date | None:
    if held.vetted_on is None or held.post.vetting_months is None:
        return None
    return months_later(held.vetted_on, held.post.vetting_months)


def _months(first: date, last: date) -> int:
    """Return the months from one day to another, a begun one whole."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months + (last > months_later(first, months))


def _move(installation: Installation, held: Holding, action: Action, day: date) -> None:
    """Append a transfer for each asset that the post's holder knows."""
    if not held.post.assets:
        return
    hashed = record_hasher(installation.folder.key("id"), SOURCE)
    rows = [_row(held, asset, action, day, hashed) for asset in held.post.assets]
    installation.lake.append(enrich(pa.Table.from_pylist(rows, schema=COLLECTED), installation.register()))


def _row(held: Holding, asset: str, action: Action, day: date, hashed: Callable[[bytes], bytes]) -> dict[str, object]:
    leaves = action is Action.MOVE
    said = {"post": held.post.id, "holding": held.number, "person": held.person, "asset": asset, "action": action}
    raw = msgspec.json.encode({**said, "day": day})
    return {
        "time": datetime.combine(day, time(), UTC),
        "id": hashed(raw),
        "source": SOURCE,
        "action": str(action),
        "outcome": str(Outcome.SUCCESS),
        "channel": str(Channel.EMPLOYMENT),
        "actor": held.person,
        "actor_kind": str(PartyKind.PERSON),
        "actor_org": held.post.org or None,
        "application": "waybill",
        "asset": asset,
        "asset_kind": str(AssetKind.KNOW_HOW),
        "to_party": (held.goes_to or "another employer") if leaves else held.person,
        "to_jurisdiction": (held.goes_to_country or None) if leaves else None,
        "fields": [("post", held.post.id)],
        "raw": raw,
    }
