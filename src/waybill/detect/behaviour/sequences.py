"""Deeds that mean little one by one and much in their order, within hours: three rules over what somebody does.

*Packed*: controlled assets are renamed, or gathered in bulk, an archive is made, and that archive leaves. *Rights*:
rights on a controlled asset are changed, somebody who never read it reads it in bulk, and they are changed back.
*Guest*: somebody signs in to a machine that is another person's, and takes something out within hours. Whoever does
such things as a habit (sends archives, looks after other people's machines) is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.behaviour.adding import HOUR
from waybill.detect.behaviour.atoms import SCHEMA, number_of
from waybill.detect.behaviour.kinds import TAKES_OUT, Kind, are_of
from waybill.detect.behaviour.memory import pack_table, unpack_table

PACKED_WITHIN = 24 * HOUR
"""From the first asset that is renamed or gathered until the archive leaves."""
RIGHTS_WITHIN = 48 * HOUR
"""Between the two changes of rights."""
GUEST_WITHIN = 12 * HOUR
"""From signing in to somebody else's machine until something leaves."""

GATHERED = 10
"""Different controlled assets read that are gathered, even if none was renamed."""
BULK_ASSETS, BULK_RECORDS = 20, 1_000
"""Different controlled assets, or records of them, read between two changes of rights."""
MASS = 20
"""Receivers of a mail from somebody else's machine that count like something that leaves."""

HABIT = 30
"""Days within which somebody who did the like before does it as a habit."""
GUEST_OF = 3
"""Other people's machines within ``HABIT`` days from which on somebody looks after machines."""
OWNED = 8
"""Days of a single user after which a machine is that person's."""

_READS = (Kind.READ, Kind.QUERY, Kind.DOWNLOAD)
_GATHERS = (*_READS, Kind.OTHER)
"""Kinds that bring a controlled asset near: reads, and moves to a place inside."""
_MATTERS = (*_GATHERS, *TAKES_OUT, Kind.RENAME, Kind.ARCHIVE, Kind.RIGHTS, Kind.SIGN_IN, Kind.PLUG_IN, Kind.MAIL_INSIDE)


class Known(NamedTuple):
    """What habits tell, this day's included."""

    owner: Callable[[int], tuple[str, int]]
    """Whose a machine is, by its number, and for how many days it has been; of nobody's, an empty name."""
    since: Callable[[str, int], int]
    """The first day on which somebody opened an area, by its number."""


class Deed(NamedTuple):
    """One sum of transfers, as far as sequences ask: see ``atoms.SCHEMA``."""

    actor: str
    day: int
    kind: int
    thing: int
    area: int
    archive: int
    graded: int
    count: int  # type: ignore[assignment]  # not the method of tuples
    records: int
    largest: int
    asset: str
    time: int
    id: bytes


class Step(NamedTuple):
    """Deeds of one sort within a sequence."""

    name: str
    deeds: list[Deed]


class Sequence(NamedTuple):
    """A sequence that was seen to its end."""

    rule: str
    actor: str
    steps: list[Step]


class Memory(msgspec.Struct):
    """What is remembered from day to day: the deeds of the last two days that matter, and who has which habit."""

    rows: str = ""
    senders: dict[str, int] = {}
    """The last day on which somebody sent an archive out."""
    guests: dict[str, list[tuple[int, int]]] = {}
    """The other people's machines that somebody signed in to, each with its last day."""


def judge(memory: Memory, day: int, atoms: pa.Table, known: Known) -> list[Sequence]:
    """Return the sequences that end on a day, and learn from it; days come in order."""
    matters = pc.and_(are_of(atoms, _MATTERS), pc.invert(atoms["aside"]))
    today = atoms.filter(pc.and_(matters, _can_matter(atoms)))
    before = unpack_table(memory.rows, SCHEMA) if memory.rows else SCHEMA.empty_table()
    both = pa.concat_tables([before.filter(pc.greater_equal(before["day"], day - 2)), today])
    found = [
        sequence
        for actor, deeds in _by_actor(both, _enders(both, day, known))
        for rule in (_packed, _rights, _guest)
        if (sequence := rule(memory, day, actor, deeds, known)) is not None
    ]
    _learn(memory, day, today, known)
    memory.rows = pack_table(both.filter(pc.greater_equal(both["day"], day - 1)))
    return found


def _can_matter(atoms: pa.Table) -> pa.Array:
    """Return which deeds can be a step: reads and renames of controlled assets, and all else that ``_MATTERS``."""
    return pc.or_(pc.invert(are_of(atoms, _GATHERS)), pc.greater(atoms["graded"], 0))


def _enders(both: pa.Table, day: int, known: Known) -> pa.Array:
    """Return those of whom a sequence can end today: few, so that only their deeds are looked at one by one."""
    today = both.filter(pc.equal(both["day"], day))
    some = today.filter(pc.or_(_archive_leaves(today), pc.equal(today["kind"], int(Kind.RIGHTS))))
    guests = {actor for actor, machine in _entries(both) if _is_guest(actor, machine, known)}
    return pa.array(sorted({*some["actor"].to_pylist(), *guests}), pa.string())


def _archive_leaves(rows: pa.Table) -> pa.Array:
    return pc.and_(are_of(rows, TAKES_OUT), pc.not_equal(rows["archive"], pa.scalar(0, pa.uint64())))


def _entries(rows: pa.Table) -> set[tuple[str, int]]:
    """Return who signed in to which machine."""
    entries = rows.filter(pc.equal(rows["kind"], int(Kind.SIGN_IN)))
    return set(zip(entries["actor"].to_pylist(), entries["thing"].to_pylist(), strict=True))


def _by_actor(rows: pa.Table, actors: pa.Array) -> Iterator[tuple[str, list[Deed]]]:
    """Yield the deeds of each of these actors in order, together with reads by whomever they gave rights to."""
    rows = rows.sort_by([("time", "ascending"), ("id", "ascending")])
    chosen = rows.filter(pc.is_in(rows["actor"], actors))
    deeds, everybody = _deeds(chosen), _names(rows)
    granted = {deed.area for own in deeds.values() for deed in own if deed.kind == Kind.RIGHTS}
    readers = pa.array([everybody[number] for number in granted & everybody.keys()], pa.string())
    others = _deeds(rows.filter(pc.is_in(rows["actor"], readers)))
    for actor, own in sorted(deeds.items()):
        to = {everybody.get(deed.area, actor) for deed in own if deed.kind == Kind.RIGHTS} - {actor}
        more = [deed for reader in to for deed in others[reader] if deed.kind in _READS]
        yield actor, sorted([*own, *more], key=lambda deed: (deed.time, deed.id))


def _names(rows: pa.Table) -> dict[int, str]:
    """Return everybody who did something by the number of the name."""
    return {number_of(name): name for name in pc.unique(rows["actor"]).to_pylist()}


def _deeds(rows: pa.Table) -> dict[str, list[Deed]]:
    found: dict[str, list[Deed]] = {}
    for row in zip(*(rows[name].to_pylist() for name in Deed._fields), strict=True):
        found.setdefault(row[0], []).append(Deed(*row))
    return found


def _packed(memory: Memory, day: int, actor: str, deeds: list[Deed], known: Known) -> Sequence | None:
    """Renamed or gathered, packed, sent."""
    if day - memory.senders.get(actor, -HABIT) < HABIT:
        return None
    for out in deeds:
        if out.kind not in TAKES_OUT or not out.archive or out.actor != actor or out.day != day:
            continue
        earlier = _of(deeds, actor, out.time - PACKED_WITHIN, out.time)
        made = [deed for deed in earlier if deed.kind == Kind.ARCHIVE and deed.archive == out.archive]
        until = made[0].time if made else out.time
        renamed = [deed for deed in earlier if deed.kind == Kind.RENAME and deed.time <= until]
        read = _distinct(deed for deed in earlier if deed.kind in _GATHERS and deed.time <= until)
        steps = [Step("renamed", renamed), Step("gathered", read if len(read) >= GATHERED else [])]
        if steps[1].deeds or (renamed and made):
            return _sequence("packed", actor, *steps, Step("packed", made), Step("sent", [out]))
    return None


def _rights(memory: Memory, day: int, actor: str, deeds: list[Deed], known: Known) -> Sequence | None:
    """Granted, read in bulk by one who never did, revoked."""
    changes = [deed for deed in deeds if deed.kind == Kind.RIGHTS and deed.actor == actor]
    for last in changes:
        if last.day != day:
            continue
        for first in changes:
            same = (first.thing, first.area) == (last.thing, last.area)
            if not same or not 0 < last.time - first.time <= RIGHTS_WITHIN:
                continue
            to = {deed.actor for deed in deeds if deed.actor == actor or number_of(deed.actor) == first.area}
            for reader in sorted(to):
                read = [deed for deed in _of(deeds, reader, first.time, last.time) if _reads(deed, first)]
                bulk = len(read) >= BULK_ASSETS or sum(deed.records for deed in read) >= BULK_RECORDS
                if bulk and all(known.since(reader, deed.area) >= first.day for deed in read):
                    steps = Step("granted", [first]), Step("read", read), Step("revoked", [last])
                    return _sequence("rights", reader, *steps)
    return None


def _guest(memory: Memory, day: int, actor: str, deeds: list[Deed], known: Known) -> Sequence | None:
    """Signed in to somebody else's machine, then took something out."""
    if sum(day - last < HABIT for _, last in memory.guests.get(actor, [])) >= GUEST_OF:
        return None
    visited = {machine for machine, _ in memory.guests.get(actor, [])}
    for entry in deeds:
        if entry.kind != Kind.SIGN_IN or entry.actor != actor or entry.thing in visited:
            continue
        if not _is_guest(actor, entry.thing, known):
            continue
        later = _of(deeds, actor, entry.time, entry.time + GUEST_WITHIN)
        out = [deed for deed in later if _leaves(deed) and deed.time > entry.time]
        if out and out[-1].day == day:
            return _sequence("guest", actor, Step("signed in", [entry]), Step("sent", out))
    return None


def _reads(deed: Deed, change: Deed) -> bool:
    """Return whether a deed reads what rights were changed of: the asset itself, or what lies below it."""
    below = change.asset.rstrip("/*") + "/"
    return deed.kind in _READS and (deed.asset == change.asset or deed.asset.startswith(below))


def _leaves(deed: Deed) -> bool:
    controlled = deed.kind in TAKES_OUT and deed.graded > 0
    return controlled or deed.kind in {Kind.MEDIA, Kind.PLUG_IN} or (_is_mail(deed) and deed.largest >= MASS)


def _is_mail(deed: Deed) -> bool:
    return deed.kind in {Kind.MAIL_INSIDE, Kind.MAIL_OUTSIDE}


def _is_guest(actor: str, machine: int, known: Known) -> bool:
    owner, days = known.owner(machine)
    return owner not in {"", actor} and days >= OWNED


def _learn(memory: Memory, day: int, today: pa.Table, known: Known) -> None:
    """Note who sends archives, and who signs in to other people's machines."""
    memory.senders |= dict.fromkeys(today.filter(_archive_leaves(today))["actor"].to_pylist(), day)
    for actor, machine in sorted(_entries(today)):
        if _is_guest(actor, machine, known):
            others = [one for one in memory.guests.get(actor, []) if one[0] != machine]
            memory.guests[actor] = [*others, (machine, day)]
    memory.senders = {who: last for who, last in memory.senders.items() if day - last < HABIT}
    recent = {who: [one for one in machines if day - one[1] < HABIT] for who, machines in memory.guests.items()}
    memory.guests = {who: machines for who, machines in recent.items() if machines}


def _of(deeds: list[Deed], actor: str, begin: int, end: int) -> list[Deed]:
    return [deed for deed in deeds if deed.actor == actor and begin <= deed.time <= end]


def _distinct(deeds: Iterable[Deed]) -> list[Deed]:
    """Return the first deed to each thing."""
    found: dict[str | int, Deed] = {}
    for deed in deeds:
        found.setdefault(deed.asset or deed.thing, deed)
    return list(found.values())


def _sequence(rule: str, actor: str, *steps: Step) -> Sequence:
    return Sequence(rule, actor, [step for step in steps if step.deeds])
