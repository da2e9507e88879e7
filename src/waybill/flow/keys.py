"""The keys of an installation: what each is for, and changing those that can be changed.

Changing a key makes a new one, seals all that rests under the old one anew, and then puts the new one in its place. It
can be broken off at any moment and done again; until it is through, the key says so to whoever asks for it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from waybill.collect import Quarantine
from waybill.control import storage_faults
from waybill.durable import replace_file, sync_folder
from waybill.durable import storage_faults as file_faults
from waybill.durable.locks import FileLock
from waybill.flow.installation import Installation
from waybill.flow.proof.sequencing import PATIENCE
from waybill.ledger.subjects import SubjectKeys
from waybill.model.errors import UsageError
from waybill.model.findings import Text
from waybill.model.ids import KEY_BYTES

Reseal = Callable[[Installation, list[bytes], bytes], int]
"""Seals anew what rests under any of some keys, under a new one; returns how many things."""


@dataclass(frozen=True, slots=True)
class Key:
    """One kind of key."""

    name: str
    purpose: Text
    change: Text
    """What changing it does, or why it cannot be changed and what to do instead."""
    reseal: Reseal | None = None
    """How it is changed; none where it cannot be."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One key, as it may be shown."""

    name: str
    purpose: Text
    change: Text
    rotates: bool
    made_at: datetime | None
    """None where none was asked for yet."""
    broken_off: bool


@dataclass(frozen=True, slots=True)
class Rotated:
    """What came of it."""

    name: str
    resealed: int


def _identities(_: Installation, old: list[bytes], new: bytes) -> int:
    from waybill.register import identities
    from waybill.respond import resting

    return identities.reseal(old, new) + resting.reseal(old, new)


def _quarantine(installation: Installation, old: list[bytes], new: bytes) -> int:
    folders = installation.folder.quarantine, installation.folder.refused_incidents
    return sum(Quarantine(folder, new).reseal(old, new) for folder in folders)


def _subjects(installation: Installation, old: list[bytes], new: bytes) -> int:
    folder = installation.folder.ledger
    if not folder.exists():
        return 0
    with FileLock(folder / "lock", "changing a key").exclusive(PATIENCE):
        return SubjectKeys(folder / "subjects.sqlite3", new).reseal(old, new)


def _nothing(*_: object) -> int:
    return 0


_NEVER = Text("never: what it made would no longer be recognised", "不可更换：由它生成的标识将无法再识别")

KEYS = (
    Key("id", Text("ids of transfers", "转移记录标识"), _NEVER),
    Key("pseudonym", Text("pseudonyms of people", "人员假名"), _NEVER),
    Key(
        "identity",
        Text("seals who is behind a pseudonym, also in runs of playbooks", "封存假名对应的身份（含预案运行）"),
        Text("seals all of them anew", "重新封存全部身份"),
        _identities,
    ),
    Key(
        "quarantine",
        Text("seals records that could not be read", "封存无法读取的记录"),
        Text("seals all of them anew; their ids change", "重新封存全部记录；其标识随之改变"),
        _quarantine,
    ),
    Key(
        "subjects",
        Text("seals the keys of the ledger's salts", "封存账本盐值的密钥"),
        Text("seals all of them anew", "重新封存全部密钥"),
        _subjects,
    ),
    Key(
        "sessions",
        Text("signs sessions of the console", "签署控制台会话"),
        Text("everybody signs in anew", "所有人需重新登录"),
        _nothing,
    ),
    Key(
        "ledger",
        Text("signs the ledger's checkpoints", "签署账本检查点"),
        Text(
            "by a log that continues it: set `ledger_origin` anew, then `waybill ledger recover --anew`",
            "以续接账本的方式：重新设置 `ledger_origin`，再运行 `waybill ledger recover --anew`",
        ),
    ),
    Key(
        "witness",
        Text("cosigns the logs of others", "联署他人的账本"),
        Text("not while others' policies name it", "他人的策略仍引用时不可更换"),
    ),
    Key(
        "factors",
        Text("seals second factors of accounts", "封存账户的第二因素"),
        Text("not yet: reset the accounts' factors", "暂不可更换：请重置账户的第二因素"),
    ),
    Key(
        "documents",
        Text("makes fingerprints of registered documents and records", "生成已登记文档与记录的指纹"),
        Text("not while documents are registered", "仍有已登记文档时不可更换"),
    ),
)


def standings(installation: Installation) -> list[Standing]:
    """Return how all keys stand."""
    folder = installation.folder
    return [
        Standing(
            one.name,
            one.purpose,
            one.change,
            one.reseal is not None,
            _made_at(folder.key_file(one.name)),
            folder.next_key_file(one.name).exists(),
        )
        for one in KEYS
    ]


def rotate(installation: Installation, name: str, *, who: str) -> Rotated:
    """Change a key, and record that. The service must not run meanwhile, since it would go on with the old one.

    Raises UsageError for a key that cannot be changed, BusyError while the service runs, and DamagedError where
    something does not open with the key there is.
    """
    key = next((one for one in KEYS if one.name == name), None)
    if key is None:
        raise UsageError("there is no such key", where=name, expected=", ".join(one.name for one in KEYS if one.reseal))
    if key.reseal is None:
        raise UsageError("this key cannot be changed", where=name, advice=key.change.en)
    folder = installation.folder
    current, coming = folder.key_file(name), folder.next_key_file(name)
    with ExitStack() as alone, file_faults(f"the key {name!r} cannot be changed", current):
        for lock in ("serve.lock", "reception.lock", "tasks.lock"):
            alone.enter_context(FileLock(folder.root / lock, "serving this data folder").exclusive(0.0))
        if not coming.exists():
            folder.key(name)  # made now if nobody asked for it yet
            replace_file(coming, secrets.token_bytes(KEY_BYTES))
        old, new = current.read_bytes(), coming.read_bytes()
        count = key.reseal(installation, [new, old], new)
        _record(name, count, who)
        coming.rename(current)
        sync_folder(current.parent)
    return Rotated(name, count)


def _record(name: str, count: int, who: str) -> None:
    from waybill.outbox.adding import Record, add
    from waybill.outbox.kinds import Kind

    groups = {"what": {"key": name, "resealed": count}, "who": {"by": who}, "when": {"time": datetime.now(UTC)}}
    with storage_faults(), transaction.atomic():
        add(Record(Kind.KEY, name, groups))


def _made_at(path: Path) -> datetime | None:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None
