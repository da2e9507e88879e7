"""What stands in the ledger for a row: commitments to its groups, under the keys of those whom they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from waybill.ledger.commitments import Leaf, commit, joint_key, salt
from waybill.ledger.subjects import NOBODY
from waybill.outbox.models import Row
from waybill.outbox.subjects import people

_GROUPS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def groups_of(content: str) -> dict[str, bytes]:
    """Return the canonical JSON of each group; raise ``msgspec.DecodeError`` if it is none."""
    return {name: bytes(value) for name, value in _GROUPS.decode(content).items()}


def subjects_of(rows: Iterable[Row]) -> set[str]:
    """Return everybody whose key these rows need."""
    return {NOBODY}.union(*({row.subject, *people(row.content)} for row in rows))


def salts_of(row: Row, groups: Mapping[str, bytes], keys: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the salt of each group. Raises KeyError if a key is gone."""
    return {name: salt(_key(row.subject, content, keys), row.record, name) for name, content in groups.items()}


def leaf_of(row: Row, keys: Mapping[str, bytes]) -> Leaf:
    """Return the leaf of a row that is whole: the same row and the same keys always give the same leaf."""
    groups = groups_of(row.content)
    salts = salts_of(row, groups, keys)
    return Leaf(row.kind, {name: commit(salts[name], content) for name, content in groups.items()})


def _key(subject: str, content: bytes, keys: Mapping[str, bytes]) -> bytes:
    """Return the key of a group: of the one the row is about and of all the group names, or nobody's."""
    named = sorted({subject, *people(content.decode())} - {NOBODY}) or [NOBODY]
    return joint_key([keys[one] for one in named])
