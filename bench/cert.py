"""Reads the CERT insider threat datasets r4.2, r5.2 and r6.2 as their files are, for whoever holds them.

The data may not be passed on, so none of it is here. Layouts differ by release: r5 and r6 say which way a file or a
mail went and list attachments, r4 counts them; every file row of r4 is a copy to removable media. People are those of
the monthly LDAP snapshots: who is missing from a month has left. What is true stands in ``answers/insiders.csv``, with
the first and the last moment of each insider; its file says the release as ``4.2``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from bench.labelled import Labelled
from waybill.detect.behaviour.atoms import COLUMNS
from waybill.model.errors import UsageError
from waybill.model.register import Asset, Party, Place, RegisterSnapshot
from waybill.model.transfers import SCHEMA, TIME
from waybill.model.words import Action, AssetKind, Channel, Grade, Outcome, PartyKind

RELEASES = ("4.2", "5.2", "6.2")

_MAIL_R5 = "id,date,user,pc,to,cc,bcc,from,activity,size,attachments,content"
_FILE_R5 = "id,date,user,pc,filename,activity,to_removable_media,from_removable_media,content"
_DEVICE_R5 = "id,date,user,pc,file_tree,activity"
_LOGON = "id,date,user,pc,activity"
_LDAP_R5 = "employee_name,user_id,email,role,projects,business_unit,functional_unit,department,team,supervisor"
LAYOUTS: dict[str, dict[str, str]] = {
    "logon": dict.fromkeys(RELEASES, _LOGON),
    "device": {"4.2": _LOGON, "5.2": _DEVICE_R5, "6.2": _DEVICE_R5},
    "file": {"4.2": "id,date,user,pc,filename,content", "5.2": _FILE_R5, "6.2": _FILE_R5},
    "email": {
        "4.2": "id,date,user,pc,to,cc,bcc,from,size,attachments,content",
        "5.2": _MAIL_R5,
        "6.2": _MAIL_R5,
    },
    "http": {
        "4.2": "id,date,user,pc,url,content",
        "5.2": "id,date,user,pc,url,content",
        "6.2": "id,date,user,pc,url,activity,content",
    },
    "LDAP": {"4.2": _LDAP_R5.replace("projects,", ""), "5.2": _LDAP_R5, "6.2": _LDAP_R5},
}
"""The header of each file by release."""

_DATE = "%m/%d/%Y %H:%M:%S"
_STAFF = "dtaa.com"
_REMOVABLE = "removable"
_ACTIVITIES: dict[str, tuple[Action, Channel]] = {
    "Logon": (Action.LOGIN, Channel.HOST),
    "Connect": (Action.CONNECT, Channel.USB),
    "File Open": (Action.READ, Channel.FILE),
    "File Copy": (Action.COPY, Channel.FILE),
    "File Write": (Action.WRITE, Channel.FILE),
    "File Delete": (Action.DELETE, Channel.FILE),
    "Send": (Action.SEND, Channel.EMAIL),
    "View": (Action.READ, Channel.EMAIL),
    "Receive": (Action.RECEIVE, Channel.EMAIL),
    "WWW Visit": (Action.READ, Channel.WEB),
    "WWW Download": (Action.DOWNLOAD, Channel.WEB),
    "WWW Upload": (Action.UPLOAD, Channel.WEB),
}
"""What activities are in the model; others (logoff, disconnect) are nothing in particular."""
_UNSAID = {"file": "File Copy", "email": "Send", "http": "WWW Visit"}
"""The activity of files that do not say any."""


def read(folder: Path, release: str) -> Labelled:
    """Return a release as a company whose bad days are known.

    ``folder`` holds the release's files and ``LDAP``; ``answers`` lies in it or beside it. Raises UsageError where a
    file is missing or has another header.
    """
    parties, left = _people(folder, release)
    tables = [_records(folder, name, release, number) for number, name in enumerate(_READERS)]
    begin = min(pc.min(table["time"]).as_py() for table in tables if table.num_rows)
    begin = datetime(begin.year, begin.month, begin.day, tzinfo=UTC)
    last = max(pc.max(table["time"]).as_py() for table in tables if table.num_rows)
    transfers = pa.concat_tables([*tables, _leavers(left)]).unify_dictionaries().combine_chunks()
    names = sorted({*parties, *transfers["actor"].unique().drop_null().to_pylist()})
    bad = np.zeros((len(names), (last - begin).days + 1), np.int64)
    number = {name: row for row, name in enumerate(names)}
    for user, scenario, day in _answers(folder, release):
        at = (day - begin).days
        if user in number and 0 <= at < bad.shape[1]:
            bad[number[user], at] = scenario
    places = (Place(id="company", patterns=(f".{_STAFF}", "PC-*")),)
    register = RegisterSnapshot(assets=_controlled(folder), parties=tuple(parties.values()), places=places)
    return Labelled(bad.shape[1], begin, transfers, register, bad, names)


def _table(folder: Path, name: str, release: str) -> pa.Table:
    """Return one file without its contents, which nothing here reads."""
    path = folder / f"{name}.csv"
    if not path.exists():
        raise UsageError("this file of the dataset is missing", where=str(path))
    columns = _header(path, LAYOUTS[Path(name).parts[0]][release])
    wanted = [column for column in columns if column not in {"content", "file_tree"}]
    options = pyarrow.csv.ConvertOptions(include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string()))
    return pyarrow.csv.read_csv(path, convert_options=options)


def _header(path: Path, expected: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = next(csv.reader(file), [])
    if found != expected.split(","):
        raise UsageError("this is another layout", where=str(path), expected=expected)
    return found


def _records(folder: Path, name: str, release: str, number: int) -> pa.Table:
    """Return the records of one file as transfers."""
    rows = _table(folder, name, release)
    count = rows.num_rows
    activity = rows["activity"] if "activity" in rows.column_names else pa.array([_UNSAID[name]] * count, pa.string())
    told = [_ACTIVITIES.get(one, (Action.OTHER, Channel.HOST)) for one in activity.to_pylist()]
    columns: dict[str, Any] = {"from_place": rows["pc"], **_READERS[name](rows)}
    channels = [channel for _, channel in told]
    if name == "file":
        out = [place == _REMOVABLE for place in columns["to_place"]]
        channels = [Channel.USB if to else channel for to, channel in zip(out, channels, strict=True)]
    moments = pc.strptime(rows["date"], format=_DATE, unit="us").cast(TIME)
    columns |= {
        "time": moments,
        "recorded_at": moments,
        "id": _ids(number, count),
        "source": [name] * count,
        "logsource": [f"cert/{name}/"] * count,
        "action": [action for action, _ in told],
        "channel": channels,
        "outcome": [Outcome.SUCCESS] * count,
        "actor": rows["user"],
        "actor_kind": [PartyKind.PERSON] * count,
        "position": range(1, count + 1),
    }
    return _in_schema(columns, count)


def _sites(rows: pa.Table) -> dict[str, Any]:
    return {"to_place": [url.partition("://")[2].partition("/")[0] for url in rows["url"].to_pylist()]}


def _files(rows: pa.Table) -> dict[str, Any]:
    names = rows["filename"].to_pylist()
    to = rows["to_removable_media"].to_pylist() if "to_removable_media" in rows.column_names else ["True"] * len(names)
    return {"asset": names, "to_place": [_REMOVABLE if one == "True" else None for one in to]}


def _mails(rows: pa.Table) -> dict[str, Any]:
    """Return the first receiver outside, else the first, and how many there are."""
    receivers = [
        [one for said in line for one in (said or "").split(";") if one]
        for line in zip(*(rows[name].to_pylist() for name in ("to", "cc", "bcc")), strict=True)
    ]
    outside = [next((one for one in some if not one.endswith(f"@{_STAFF}")), None) for some in receivers]
    return {
        "to_party": [one or (some[0] if some else None) for one, some in zip(outside, receivers, strict=True)],
        "records": [len(some) for some in receivers],
        "bytes": [int(size) for size in rows["size"].to_pylist()],
    }


_READERS = {"logon": lambda rows: {}, "device": lambda rows: {}, "file": _files, "email": _mails, "http": _sites}


def _people(folder: Path, release: str) -> tuple[dict[str, Party], list[tuple[str, datetime]]]:
    """Return everybody as the last snapshot has them, and who left when: who is missing from the next month's."""
    months = sorted((folder / "LDAP").glob("*.csv"))
    if not months:
        raise UsageError("the monthly snapshots are missing", where=str(folder / "LDAP"))
    parties: dict[str, Party] = {}
    left, before = [], set[str]()
    for month in months:
        rows = _table(folder, f"LDAP/{month.stem}", release)
        now = set(rows["user_id"].to_pylist())
        begin = datetime.strptime(month.stem, "%Y-%m").replace(tzinfo=UTC)
        left += [(name, begin) for name in sorted(before - now)]
        before = now
        for row in rows.to_pylist():
            unit = "/".join(row[name] or "" for name in ("functional_unit", "department", "team"))
            name = row["user_id"]
            parties[name] = Party(id=name, kind=PartyKind.PERSON, org=unit, roles=(row["role"],))
    return parties, left


def _leavers(left: Iterable[tuple[str, datetime]]) -> pa.Table:
    """Return what a personnel system would tell of those who left."""
    rows = list(left)
    moments = pa.array([moment for _, moment in rows], TIME)
    told = {
        "time": moments,
        "recorded_at": moments,
        "id": _ids(255, len(rows)),
        "source": ["LDAP"] * len(rows),
        "logsource": ["hr/employment/left"] * len(rows),
        "action": [Action.OTHER] * len(rows),
        "channel": [Channel.EMPLOYMENT] * len(rows),
        "outcome": [Outcome.SUCCESS] * len(rows),
        "actor": [name for name, _ in rows],
        "actor_kind": [PartyKind.PERSON] * len(rows),
    }
    return _in_schema(told, len(rows))


def _answers(folder: Path, release: str) -> Iterator[tuple[str, int, datetime]]:
    """Yield user, scenario and day of what is bad: of each insider's own records, else every day of the stretch."""
    answers = next((one for one in (folder / "answers", folder.parent / "answers") if one.is_dir()), None)
    if answers is None:
        raise UsageError("the answers are missing", where=str(folder / "answers"))
    with (answers / "insiders.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["dataset"] == release]
    for row in rows:
        details = next(answers.rglob(row["details"]), None)
        days = _days_of(details) if details else _days_between(row["start"], row["end"])
        yield from ((row["user"], int(row["scenario"]), day) for day in sorted(set(days)))


def _days_of(details: Path) -> Iterator[datetime]:
    """Yield the days of an insider's records; these files have no header, and begin with the kind of record."""
    with details.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file):
            if len(row) > 2:
                yield _day(row[2])


def _days_between(start: str, end: str) -> Iterator[datetime]:
    day = _day(start)
    while day <= _day(end):
        yield day
        day += timedelta(days=1)


def _day(text: str) -> datetime:
    return datetime.strptime(text, _DATE).replace(hour=0, minute=0, second=0, tzinfo=UTC)


def _controlled(folder: Path) -> tuple[Asset, ...]:
    """Return what is known to be controlled: the decoys of r6; in any release, what is at home in the company."""
    names: list[str] = []
    if (folder / "decoy_file.csv").exists():
        with (folder / "decoy_file.csv").open(encoding="utf-8-sig", newline="") as file:
            names = [row["decoy_filename"] for row in csv.DictReader(file)]
    decoys = Asset(
        id="decoys",
        name="Decoys",
        kind=AssetKind.DOCUMENT,
        grade=Grade.SENSITIVE,
        home="company",
        patterns=tuple(names),
    )
    return (decoys,)


def _ids(file: int, count: int) -> Any:
    """Return ids that are different for every record of every file."""
    numbers = np.zeros((count, 2), np.uint64)
    numbers[:, 0] = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)  # odd: no two are equal
    numbers[:, 1] = file
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), count, [None, pa.py_buffer(numbers.tobytes())])
    return fixed.cast(pa.binary())


def _in_schema(columns: dict[str, Any], count: int) -> pa.Table:
    """Return columns as transfers; what is not among them is null."""
    return pa.table(
        {
            field.name: _column(columns[field.name], field.type)
            if field.name in columns
            else pa.nulls(count, field.type)
            for field in SCHEMA
            if field.name in columns or field.name in COLUMNS
        }
    )


def _column(values: Any, type_: pa.DataType) -> Any:
    if isinstance(values, pa.ChunkedArray | pa.Array):
        return values.cast(type_)
    inner = type_.value_type if pa.types.is_dictionary(type_) else type_
    return pa.array(list(values), inner).cast(type_)
