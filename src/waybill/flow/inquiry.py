"""What somebody asks who looks into findings: pages of them, one with all that belongs to it, what is like it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from waybill.access.reach import Reach
from waybill.findings import handling, queries
from waybill.findings.exceptions import Match
from waybill.findings.queries import Filter, StoredFinding
from waybill.findings.recording import Change
from waybill.flow import questions
from waybill.flow.installation import Installation
from waybill.flow.movements import Movement, movement
from waybill.flow.passages import stored_passages
from waybill.flow.proof.proofs import proved
from waybill.flow.telling import Look, is_withheld, rows_of
from waybill.model.errors import UsageError
from waybill.model.findings import Finding
from waybill.model.register import RegisterSnapshot
from waybill.report import Lane, Report, Row, lane_of

MOST_EVIDENCE = 25
"""Transfers of a finding that are shown."""

LIKE = 5
"""Findings that are shown as like another, of each sort."""

_STEP, _MOST_STEPS = 500, 40
"""Findings that one page looks through at a time, and how often at most, where not all of them fit."""

_EVERY = Filter(states=queries.ALL_STATES)

Fits = Callable[[Finding], bool]


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as it may be shown, and whether the ledger proves it."""

    row: Row
    proved: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some findings, newest first, and where the next page begins; empty after the last."""

    items: list[Told]
    next: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """Other findings that share something with one."""

    shared: str
    """``rule``, ``subject`` or ``asset``."""
    wanted: Filter
    """What asks for all of them."""
    items: list[Told]


@dataclass(frozen=True, slots=True)
class Whole:
    """One finding with all that belongs to it."""

    told: Told
    stored: StoredFinding
    evidence: list[Movement]
    history: list[Change]
    like: list[Likeness]


def page(
    installation: Installation,
    register: RegisterSnapshot,
    wanted: Filter,
    *,
    fits: Fits | None = None,
    limit: int,
    after: str = "",
) -> Page:
    """Return the findings asked for, of those only that ``fits``, as they may be shown."""
    found, mark = _chosen(wanted, fits, limit, after)
    told = _told(installation, register, found)
    # Whoever asks for one subject must not learn so what else is withheld.
    return Page([one for one in told if not (wanted.subject and one.row.withheld)], mark)


def handled(
    installation: Installation, register: RegisterSnapshot, wanted: Filter, *, fits: Fits | None, limit: int, after: str
) -> tuple[list[StoredFinding], str]:
    """Return the findings of a page with how each is handled, as they may be told, and the mark of the next page."""
    found, mark = _chosen(wanted, fits, limit, after)
    told = {one.row.finding.id: one.row for one in _told(installation, register, found)}
    rows = ((stored, told[stored.finding.id]) for stored in found)
    return [replace(stored, finding=row.finding) for stored, row in rows if not (wanted.subject and row.withheld)], mark


def handled_one(installation: Installation, register: RegisterSnapshot, id: str, fits: Fits | None) -> StoredFinding:
    """Return one finding and how it is handled, as it may be told. Raises UsageError if there is none that ``fits``."""
    stored = queries.get(id)
    if fits is not None and not fits(stored.finding):
        raise UsageError("There is no such finding.", where=id)
    (told,) = _told(installation, register, [stored])
    return replace(stored, finding=told.row.finding)


def _chosen(wanted: Filter, fits: Fits | None, limit: int, after: str) -> tuple[list[StoredFinding], str]:
    """Return the findings of a page, and the mark of the next one; looks through as many as are needed."""
    if fits is None:
        step = queries.query(wanted, limit=limit, after=after)
        return step.items, step.next
    found: list[StoredFinding] = []
    for _ in range(_MOST_STEPS):
        step = queries.query(wanted, limit=_STEP, after=after)
        for stored in step.items:
            if fits(stored.finding):
                found.append(stored)
            if len(found) == limit:
                return found, queries.mark_of(stored)
        after = step.next
        if not after:
            break
    return found, after


def one(installation: Installation, register: RegisterSnapshot, id: str, fits: Fits | None = None) -> Whole:
    """Return one finding, by its id or the beginning of it. Raises UsageError if there is none that ``fits``."""
    stored = queries.get(id)
    if fits is not None and not fits(stored.finding):
        raise UsageError("There is no such finding.", where=id)
    (told,) = _told(installation, register, [stored])
    finding = stored.finding
    evidence = questions.some(installation, finding.transfers[:MOST_EVIDENCE], finding.time, finding.last_time)
    return Whole(
        told,
        stored,
        [movement(row, register, shielded=told.row.withheld) for row in evidence],
        handling.history(finding.id),
        _like(register, told.row.finding, fits),
    )


def within(reach: Reach, register: RegisterSnapshot) -> Fits | None:
    """Return what tells whether a finding lies within somebody's reach; None where everything does.

    A finding belongs to the organisation of whoever acted, else to that which owns the asset; where who acted is
    withheld, to the latter.
    """
    if reach.is_whole:
        return None

    return lambda finding: _covers(reach, register, finding.asset, finding.subject)


def covers_match(reach: Reach, register: RegisterSnapshot, match: Match) -> bool:
    """Return whether all that an exception may ever cover lies within somebody's reach.

    Within a reach that has bounds lies only what names one actor and one asset there: else it would reach further.
    """
    names = match.subject, match.asset
    exact = all(name and not name.endswith("*") for name in names)
    return reach.is_whole or (exact and _covers(reach, register, match.asset, match.subject))


def _covers(reach: Reach, register: RegisterSnapshot, asset_name: str, subject: str) -> bool:
    asset = register.asset_of(asset_name)
    withheld = asset is not None and asset.public_interest  # whose finding it is would tell of who acted
    party = None if withheld else register.party(subject)
    organisation = (party.org if party else "") or (asset.owner if asset else "")
    return reach.covers(organisation, asset.grade if asset else None)


def plain(findings: Iterable[Finding], reach: Reach, register: RegisterSnapshot) -> list[Finding]:
    """Return those findings that may be told as they are: within somebody's reach, and with nobody to withhold."""
    fits = within(reach, register)
    told = (finding for finding in findings if not is_withheld(finding, register.asset_of(finding.asset)))
    return [finding for finding in told if fits is None or fits(finding)]


def check_within(reach: Reach, register: RegisterSnapshot, ids: Iterable[str]) -> None:
    """Raise UsageError for a finding that there is not, or that does not lie within somebody's reach."""
    fits = within(reach, register)
    for id in ids:
        if not reach or (fits is not None and not fits(queries.get(id).finding)):
            raise UsageError("There is no such finding.", where=id)


def lanes(report: Report, register: RegisterSnapshot) -> Callable[[Finding], Lane]:
    """Return what tells the lane of a finding: as in ``report``, of one that came later by what the register knows."""
    known = {row.finding.id: row.lane for row in report.rows}

    def lane(finding: Finding) -> Lane:
        asset = register.asset_of(finding.asset)
        kind = str(asset.kind) if asset else ""
        return known.get(finding.id) or lane_of(kind, finding.detector, finding.channel)

    return lane


def _told(installation: Installation, register: RegisterSnapshot, found: list[StoredFinding]) -> list[Told]:
    """Return findings as they may be shown, in the order in which they came."""
    if not found:
        return []
    span = min(stored.finding.time for stored in found), max(stored.finding.last_time for stored in found)
    with installation.lake.snapshot() as snapshot:
        return _shown(found, register, lambda ids: stored_passages(snapshot, ids, span))


def _shown(found: Sequence[StoredFinding], register: RegisterSnapshot, look: Look) -> list[Told]:
    stated = [(stored.finding, str(stored.state)) for stored in found]
    rows = {row.finding.id: row for row in rows_of(stated, register, look)}
    sure = proved(list(rows))
    return [Told(rows[stored.finding.id], stored.finding.id in sure) for stored in found]


def _like(register: RegisterSnapshot, finding: Finding, fits: Fits | None) -> list[Likeness]:
    """Return findings like one; where they went is not looked up, since only what they are is shown."""
    shared = {"rule_id": finding.rule_id, "subject": finding.subject, "asset": finding.asset}
    like = []
    for name, value in shared.items():
        if value:
            wanted = msgspec.structs.replace(_EVERY, **{name: value})
            found, _ = _chosen(wanted, fits, LIKE + 1, "")
            others = [stored for stored in found if stored.finding.id != finding.id][:LIKE]
            told = [
                one for one in _shown(others, register, lambda ids: {}) if not (wanted.subject and one.row.withheld)
            ]
            if told:
                like.append(Likeness(name.removesuffix("_id"), wanted, told))
    return like
