"""The company as rows of the one table: who worked there, what they did, and which days of whom are bad."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from waybill.model.register import Asset, Party, Place, RegisterSnapshot
from waybill.model.transfers import SCHEMA, TEXT, TIME, id_column
from waybill.model.words import Action, AssetKind, Channel, Grade, Outcome, PartyKind
from waybill.simulate.population import events as places
from waybill.simulate.population.events import Events
from waybill.simulate.population.roles import NAMES, TEAMS_PER_ROLE, Deed
from waybill.simulate.population.scenarios import SCENARIOS, Stage
from waybill.simulate.population.staff import NEVER, Staff, hire
from waybill.simulate.population.work import Work

BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
"""A Monday."""

DOMAIN = "company.example"
CAREER_PLACE = "career-sites"
"""Id of the place of the register that stands for all career sites."""

_WORDS: dict[Deed, tuple[Action, Channel, str]] = {
    Deed.SIGN_IN: (Action.LOGIN, Channel.HOST, "sign-ins"),
    Deed.PLUG_IN: (Action.CONNECT, Channel.USB, "endpoint"),
    Deed.COPY: (Action.COPY, Channel.USB, "endpoint"),
    Deed.MAIL_INSIDE: (Action.SEND, Channel.EMAIL, "mail"),
    Deed.MAIL_OUTSIDE: (Action.SEND, Channel.EMAIL, "mail"),
    Deed.VISIT: (Action.READ, Channel.WEB, "web"),
    Deed.UPLOAD: (Action.UPLOAD, Channel.WEB, "web"),
    Deed.DOWNLOAD: (Action.DOWNLOAD, Channel.WEB, "web"),
    Deed.READ: (Action.READ, Channel.FILE, "files"),
    Deed.DELETE: (Action.DELETE, Channel.FILE, "files"),
    Deed.CAREER: (Action.READ, Channel.WEB, "web"),
}


_MAILS = (Deed.MAIL_INSIDE, Deed.MAIL_OUTSIDE)
"""Their records are what was delivered: one for each receiver."""


@dataclass(frozen=True, slots=True)
class Company:
    """One simulated company."""

    days: int
    staff: Staff
    transfers: pa.Table
    """Everything recorded, in the order of time, personnel's feed included; the columns that detectors read."""
    register: RegisterSnapshot
    bad: npt.NDArray[np.int64]
    """Number of the scenario by person and day, 0 where nothing is wrong."""

    @property
    def names(self) -> list[str]:
        """What people are called in the records, by their numbers."""
        return [_name(number) for number in range(len(self.staff))]


def populate(seed: int, *, people: int = 1_000, days: int = 150, benign: bool = False) -> Company:
    """Return a company; equal arguments give equal records. ``benign`` leaves the scenarios out."""
    draw = np.random.default_rng(seed)
    staff = hire(draw, people, days)
    work, events = Work(draw, staff), Events()
    work.do(events)
    bad = np.zeros((people, days), np.int64)
    if not benign:
        stage = Stage(draw, staff, work, events)
        for scenario in SCENARIOS:
            scenario(stage)
        for person, day, number in sorted(stage.truth):
            if day < days:
                bad[person, day] = number
    return Company(days, staff, _table(events.joined(), staff), _register(staff), bad)


def _name(person: int) -> str:
    return f"p-{person:04d}"


def _places(people: int) -> list[str]:
    """Return what each number of a place is called; numbers that stand for nothing are empty."""
    names = [f"site-{number:04d}.example" for number in range(places.SITES)]
    names += ["files.new-service.example"]
    names += [""] * (places.PARTNERS - len(names)) + [
        f"partner-{number:04d}.example" for number in range(places.PARTNER_COUNT)
    ]
    names += [""] * (places.COMPETITORS[0] - len(names)) + [f"competitor-{number}.example" for number in range(5)]
    names += [""] * (places.PERSONAL_MAIL - len(names)) + [f"private-{number:04d}.example" for number in range(people)]
    for number in places.CAREER_SITES:
        names[number] = f"jobs-{number}.career.example"
    return [*names, DOMAIN, "removable"]


def _table(columns: dict[str, npt.NDArray[np.generic]], staff: Staff) -> pa.Table:
    """Return the records in the columns of the model."""
    people, deed = len(staff), columns["deed"]
    names = _places(people)
    place = columns["place"].copy()
    place[deed == Deed.MAIL_INSIDE] = len(names) - 2
    place[deed == Deed.COPY] = len(names) - 1
    micro = pa.array(columns["seconds"]).cast(pa.int64()).to_numpy() * 1_000_000 + int(BEGIN.timestamp()) * 1_000_000
    words = [_WORDS[one] for one in Deed]
    count = len(micro)
    moments = pa.array(micro).cast(TIME)
    graded = np.where(columns["controlled"].astype(np.int64) > 0, 0, places.NOWHERE)
    documents = [
        f"area-{n // places.DOCUMENTS:02d}/document-{n % places.DOCUMENTS:03d}" for n in range(places.ALL_DOCUMENTS)
    ]
    ids = np.zeros((count, 2), np.uint64)
    ids[:, 0] = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)  # odd: no two are equal
    table = {
        "time": moments,
        "recorded_at": moments,
        "sequence": pa.array(np.ones(count, np.int64)),
        "id": id_column(ids.tobytes()),
        "source": _coded(deed, [source for _, _, source in words]),
        "action": _coded(deed, [action for action, _, _ in words]),
        "outcome": _coded(np.zeros(count), [Outcome.SUCCESS]),
        "channel": _coded(deed, [channel for _, channel, _ in words]),
        "actor": _coded(columns["person"], [_name(number) for number in range(people)]),
        "actor_kind": _coded(np.zeros(count), [PartyKind.PERSON]),
        "asset": _coded(columns["document"], documents),
        "grade": _coded(graded, [Grade.SENSITIVE]),
        "from_place": _coded(columns["machine"], [f"pc-{number:04d}" for number in range(people + 200)]),
        "to_place": _coded(place, names),
        "bytes": pa.array(columns["size"].astype(np.int64)),
        "records": pa.array(columns["receivers"].astype(np.int64), mask=~np.isin(deed, _MAILS)),
        "position": pa.array(np.arange(1, count + 1)),
    }
    records = pa.table({**table, "logsource": _coded(np.zeros(count), ["company//"])})
    fed = _personnel(staff)
    columns_ = [name for name in SCHEMA.names if name in records.column_names]
    joined = pa.concat_tables([fed.select(columns_), records.select(columns_)], promote_options="default")
    return joined.unify_dictionaries().combine_chunks()


def _coded(codes: npt.NDArray[np.generic], names: list[str]) -> pa.DictionaryArray:
    numbers = codes.astype(np.int32)
    array = pa.array(numbers, mask=numbers < 0)
    return pa.DictionaryArray.from_arrays(array, pa.array(names, pa.string())).cast(TEXT)


def _personnel(staff: Staff) -> pa.Table:
    """Return what the personnel system tells: who joins, moves and gives notice."""
    rows = []
    for person in range(len(staff)):
        for event, day in (("joined", staff.joins), ("moved", staff.moves), ("notice", staff.notice)):
            if 0 < day[person] < NEVER:
                rows.append((event, person, int(day[person])))
    moments = [BEGIN + timedelta(days=day) for _, _, day in rows]
    table = {
        "time": pa.array(moments, TIME),
        "recorded_at": pa.array(moments, TIME),
        "sequence": pa.array([1] * len(rows), pa.int64()),
        "id": pa.array([b"personnel" + number.to_bytes(7) for number in range(len(rows))], pa.binary()),
        "source": _texts(["hr-feed"] * len(rows)),
        "logsource": _texts([f"hr/employment/{event}" for event, _, _ in rows]),
        "action": _texts([Action.OTHER] * len(rows)),
        "outcome": _texts([Outcome.SUCCESS] * len(rows)),
        "channel": _texts([Channel.EMPLOYMENT] * len(rows)),
        "actor": _texts([_name(person) for _, person, _ in rows]),
        "actor_kind": _texts([PartyKind.PERSON] * len(rows)),
        "asset": _texts([NAMES[staff.new_role[person]] for _, person, _ in rows]),
        "to_place": _texts([_unit(staff, person, day) for _, person, day in rows]),
    }
    missing = {name: pa.nulls(len(rows), SCHEMA.field(name).type) for name in SCHEMA.names if name not in table}
    return pa.table({**table, **missing})


def _unit(staff: Staff, person: int, day: int) -> str:
    """Return the team that somebody is in from a day on."""
    moved = staff.moves[person] <= day
    role = staff.new_role[person] if moved else staff.role[person]
    return f"team-{role * TEAMS_PER_ROLE + staff.team[person] % TEAMS_PER_ROLE}"


def _texts(values: list[str]) -> pa.DictionaryArray:
    return pa.array(values, pa.string()).dictionary_encode().cast(TEXT)


def _register(staff: Staff) -> RegisterSnapshot:
    """Return what the company knows: its people with teams and roles, its own domain, and what career sites are."""
    people = tuple(
        Party(id=_name(n), kind=PartyKind.PERSON, org=f"team-{staff.team[n]}", roles=(NAMES[staff.role[n]],))
        for n in range(len(staff))
    )
    known = (
        Place(id="company", jurisdiction="CN", patterns=(f".{DOMAIN}", "pc-*", "area-*")),
        Place(id=CAREER_PLACE, patterns=(".career.example",)),
    )
    documents = Asset(
        id="documents",
        name="Controlled documents",
        kind=AssetKind.DOCUMENT,
        grade=Grade.SENSITIVE,
        home="company",
        patterns=("area-*",),
    )
    return RegisterSnapshot(assets=(documents,), parties=people, places=known)
