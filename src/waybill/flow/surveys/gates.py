"""Surveys as a gate where changes are built: what opened since a revision, and what somebody accepts until a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from waybill.exposure import FAMILIES, Survey, survey
from waybill.exposure.families import Read
from waybill.exposure.repositories import unpack_revision
from waybill.flow.surveys.surveying import Things, every
from waybill.model.errors import InputError
from waybill.model.findings import Finding, known_again
from waybill.model.register import RegisterSnapshot

MOST_DAYS = 366
"""Nobody accepts an exposure for longer without looking at it again."""


class Accepted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An exposure that an owner accepts until a day, for a reason."""

    check: str
    same: str
    """By which it is known again, whatever its lines."""
    what: str
    """What it said, for people who read the file."""
    owner: str
    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class Sorted:
    """Findings, with those apart that somebody accepts."""

    open: list[Finding]
    accepted: list[Finding]
    lapsed: list[Accepted]
    """Acceptances that are over, or that nobody owns."""


def look_since(
    family: str, things: Things, revision: str, register: RegisterSnapshot, *, read: Read | None = None
) -> Survey:
    """Look at things and tell only what opened since a revision of the repository that they lie in.

    The revision is surveyed too, so that what a change opened elsewhere is told as well. Raises ``InputError`` for
    targets that are no files of a repository.
    """
    checks, now = FAMILIES[family].checks(), datetime.now(UTC)
    before: dict[str, Mapping[str, str]] = {}
    with TemporaryDirectory() as folder:
        for number, target in enumerate(things):
            path = Path(target)
            if not path.exists():
                raise InputError("only files in a repository have a revision", where=target)
            old = unpack_revision(path.absolute(), revision, Path(folder) / str(number))
            if old.exists():
                then = survey((read or FAMILIES[family].read)(str(old)), checks, register, now)
                before |= {
                    str(path.absolute()) + place.removeprefix(str(old)): known for place, known in then.open.items()
                }
    found = survey(every(things), checks, register, now, before=before)
    opened = set(found.opened)
    return replace(found, findings=[one for one in found.findings if one.id in opened])


def sort_out(findings: Sequence[Finding], accepted: Sequence[Accepted], today: date) -> Sorted:
    """Set those findings apart that somebody accepts today."""
    holds = {(one.check, one.same) for one in accepted if one.until >= today and one.owner and one.reason}
    lapsed = [one for one in accepted if (one.check, one.same) not in holds]
    is_held = {one.id: (one.rule_id, known_by(one)) in holds for one in findings}
    return Sorted(
        [one for one in findings if not is_held[one.id]], [one for one in findings if is_held[one.id]], lapsed
    )


def accept(findings: Iterable[Finding], owner: str, reason: str, until: date) -> list[Accepted]:
    """Return what a file keeps of findings that somebody accepts."""
    found = {(one.rule_id, known_by(one)): one.sentence.en for one in findings}
    return [Accepted(check, same, what, owner, reason, until) for (check, same), what in sorted(found.items())]


def known_by(finding: Finding) -> str:
    """Return by what an exposure is known again."""
    return known_again(finding) or finding.id


def read_accepted(path: Path) -> list[Accepted]:
    """Return what a file says is accepted. Raises InputError if it is no such file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Accepted])
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=str(path)) from None
    except msgspec.DecodeError as error:
        raise InputError(f"this is no list of accepted exposures: {error}", where=str(path)) from None
