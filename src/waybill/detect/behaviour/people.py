"""What personnel tells: who is in which peer group, who is new in a post, who has given notice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from waybill.detect.behaviour.adding import DAY
from waybill.detect.behaviour.atoms import HOST, known_as, moments
from waybill.detect.behaviour.kinds import Text
from waybill.model.protocols import Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Channel, PartyKind

Codes = npt.NDArray[np.int64]

NOTICE_LASTS = 120
"""Days after which a notice that led to nothing is forgotten."""

NEW_FOR = 14
"""Days for which a post is new: somebody who joined or moved is held against others who did."""

_EVENTS = ("joined", "moved", "notice", "left")


class Stratum(IntEnum):
    """Days that are held against days of the same sort."""

    WORKDAY = 0
    DAY_OFF = 1
    NOTICE = 2
    SERVICE = 3
    """Of services and hosts, which know no rest."""
    NEW_POST = 4


class Context(IntEnum):
    """What is known of somebody that makes a leak more likely, or worse; several may hold."""

    NOTICE = 1
    NEW_POST = 2
    PRIORITY = 4
    """The role is one that the organisation named: administrators, holders of secrets."""


RAISES: dict[Context, float] = {Context.NOTICE: 4.0, Context.NEW_POST: 2.0, Context.PRIORITY: 2.0}
"""How many times as readily somebody is told; set from what is known of leavers, not fitted."""


class Event(NamedTuple):
    """Something that personnel told."""

    day: int
    actor: str
    what: str
    group: str
    """The peer group from that day on; empty where the event does not say."""
    last: int = 0
    """The last day in the post, where it was told ahead."""


def events(tables: Tables) -> list[Event]:
    """Return what personnel tells in these rows (sources whose log source is ``hr/employment/…``).

    That somebody leaves on a day to come is a notice, with its last day.
    """
    rows = tables.transfers
    channel = Text(rows["channel"])
    chosen = np.flatnonzero(channel.each(lambda value: value == Channel.EMPLOYMENT))
    if not len(chosen):
        return []
    some = rows.take(pa.array(chosen))
    columns = [some[name].to_pylist() for name in ("actor", "logsource", "actor_org", "to_place", "asset")]
    found = []
    told, happens = moments(some) // DAY, some["time"].cast(pa.int64()).to_numpy() // DAY
    for day, at, actor, logsource, organisation, unit, role in zip(
        told.tolist(), happens.tolist(), *columns, strict=True
    ):
        what = (logsource or "").rpartition("/")[2]
        if actor and what in _EVENTS:
            group = f"{organisation or unit or ''}/{role or ''}" if what in ("joined", "moved") else ""
            ahead = what == "left" and at > day
            what, last = ("notice", at) if ahead else (what, 0)
            found.append(Event(day, known_as(actor, tables.register), what, group, last))
    return found


@dataclass(slots=True)
class People:
    """Entities by number, with what is known of their posts."""

    entities: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    """Peer groups by number: those of one role in one unit or organisation."""
    posts: dict[str, str] = field(default_factory=dict)
    """The peer group of those of whom personnel told one."""
    notices: dict[str, int] = field(default_factory=dict)
    """The day on which notice was given."""
    begun: dict[str, int] = field(default_factory=dict)
    """The day on which somebody joined or moved, as personnel told."""
    leaving: dict[str, int] = field(default_factory=dict)
    """The last day in the post of those of whom it was told ahead."""
    role_names: dict[str, str] = field(default_factory=dict)
    """The role of each entity that was seen in this run."""

    def number(self, name: str) -> int:
        """Return the number of an entity, a new one for a new name."""
        return self.entities.setdefault(name, len(self.entities))

    def group(self, name: str, register: RegisterSnapshot) -> int:
        """Return the number of the peer group: personnel's word, else the register's, else those of the same kind."""
        post = self.posts.get(name)
        if post is None:
            party = register.party(name)
            post = f"{party.org}/{','.join(party.roles)}" if party is not None else "/"
            if not self.is_person(name, register):
                post = f"{party.kind if party else HOST}/"
        self.role_names[name] = post.partition("/")[2]
        return self.groups.setdefault(post, len(self.groups))

    @staticmethod
    def is_person(name: str, register: RegisterSnapshot) -> bool:
        """Return whether an entity is a person, as far as anybody said otherwise: a service, or a host."""
        party = register.party(name)
        return party.kind is PartyKind.PERSON if party else not name.startswith(HOST)

    def role_of(self, name: str) -> str:
        """Return the role of somebody who has been seen; empty where nobody told one."""
        return self.role_names.get(name, "")

    def roles(self, groups: Codes) -> Codes:
        """Return the numbers of the roles of some groups: the same role is the same number in every unit."""
        numbers: dict[str, int] = {}
        of_group = [numbers.setdefault(name.partition("/")[2], number) for name, number in self.groups.items()]
        return np.array(of_group, np.int64)[groups]

    def hear(self, event: Event) -> bool:
        """Learn from an event; return whether the person has another post from now on, so that old habits are over."""
        if event.what == "notice":
            self.notices[event.actor] = event.day
            if event.last:
                self.leaving[event.actor] = event.last
        elif event.what in {"left", "joined"}:
            self.notices.pop(event.actor, None)
            self.leaving.pop(event.actor, None)
        changed = bool(event.group) and self.posts.get(event.actor) != event.group
        if event.group:
            self.posts[event.actor] = event.group
        begins = event.what == "joined" or (changed and event.what == "moved")
        if begins:
            self.begun[event.actor] = event.day
        return begins

    def stratum(self, name: str, day: int, register: RegisterSnapshot, *, day_off: bool) -> Stratum:
        """Return with which days a day of somebody is compared."""
        if not self.is_person(name, register):
            return Stratum.SERVICE
        if self._is_leaving(name, day):
            return Stratum.NOTICE
        if _lasts(self.begun, name, day, NEW_FOR):
            return Stratum.NEW_POST
        return Stratum.DAY_OFF if day_off else Stratum.WORKDAY

    def _is_leaving(self, name: str, day: int) -> bool:
        """Return whether a day lies between somebody's notice and the last day, or as many as notices last."""
        given = self.notices.get(name, day)
        return _lasts(self.notices, name, day, self.leaving.get(name, given + NOTICE_LASTS) - given)

    def context(self, name: str, stratum: Stratum, priority: Collection[str]) -> int:
        """Return what raises somebody's days, as the sum of ``Context``; ``priority`` are roles that count more."""
        held = {Stratum.NOTICE: Context.NOTICE, Stratum.NEW_POST: Context.NEW_POST}.get(stratum, 0)
        is_ordinary = not priority or set(self.role_of(name).split(",")).isdisjoint(priority)
        return int(held) + (0 if is_ordinary else Context.PRIORITY)


def _lasts(days: Mapping[str, int], name: str, day: int, most: int) -> bool:
    since = days.get(name)
    return since is not None and 0 <= day - since <= most
