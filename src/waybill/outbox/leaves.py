"""What stands in the ledger for a row: commitments to its groups, under the keys of those whom they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from waybill.ledger.commitments import Leaf, commit, joint_key, salt
from waybill.ledger.subjects import NOBODY
from waybill.outbox.models import Row
from waybill.outbox.subjects import people


@dataclass(slots=True)
class Waiting:
    """A row without a place in the log, in the little that its leaf is made of."""

    id: int
    record: str
    kind: str
    subject: str
    content: str


Recorded = Waiting | Row

_GROUPS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def groups_of(content: str) -> dict[str, bytes]:
    """Return the canonical JSON of each group; raise ``msgspec.DecodeError`` if it is none."""
    return {name: bytes(value) for name, value in _GROUPS.decode(content).items()}


def subjects_of(rows: Iterable[Recorded]) -> set[str]:
    """Return everybody whose key these rows need."""
    return {NOBODY}.union(*({row.subject, *people(row.content)} for row in rows))


def salts_of(row: Recorded, groups: Mapping[str, bytes], keys: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the salt of each group. Raises KeyError if a key is gone.

    A group's key is that of the one the row is about, joined with those of all others whom the group names; where
    there is nobody at all, nobody's.
    """
    own = keys[row.subject]
    others = people(row.content) - {row.subject}
    salts = {}
    for name, content in groups.items():
        named = [other for other in others if other.encode() in content and other in people(content.decode())]
        key = joint_key([keys[one] for one in (*named, row.subject) if one != NOBODY]) if named else own
        salts[name] = salt(key, row.record, name)
    return salts


def leaf_of(row: Recorded, keys: Mapping[str, bytes]) -> Leaf:
    """Return the leaf of a row that is whole: the same row and the same keys always give the same leaf."""
    groups = groups_of(row.content)
    salts = salts_of(row, groups, keys)
    return Leaf(row.kind, {name: commit(salts[name], content) for name, content in groups.items()})
