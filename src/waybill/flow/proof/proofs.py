"""Proofs of what an installation recorded: found by id, made from the log's public files, shown group by group."""

from __future__ import annotations

import re
from collections.abc import Collection

import msgspec

from waybill.flow.installation import Installation
from waybill.flow.proof.batches import member
from waybill.ledger import Checkpoint, Proof
from waybill.ledger.disclosure import Disclosure, Member, Shown
from waybill.ledger.offline import prove
from waybill.model.errors import UsageError
from waybill.model.ids import ID_BYTES
from waybill.outbox import queue
from waybill.outbox.leaves import groups_of, salts_of, subjects_of
from waybill.outbox.models import Row

_ID = re.compile(rf"[0-9a-f]{{{2 * ID_BYTES}}}")


def find(installation: Installation, id: str) -> tuple[Row, Member | None]:
    """Return the row that an id means: a record's, the newest about a thing (a finding, a permit, …), or a batch's.

    The id of a transfer means its batch, and its path there comes along. Records and findings may be named by the
    beginning of their id.
    """
    row = queue.named(id)
    if row is not None:
        return row, None
    if _ID.fullmatch(id.casefold()):
        return member(installation, id.casefold())
    raise UsageError("nothing was recorded under this id", where=id, advice="`waybill findings` lists findings")


def proved(findings: Collection[str]) -> set[str]:
    """Return those of these findings, by id, of which every statement is in the log."""
    return set(findings) - queue.unplaced(findings)


def proof_of(installation: Installation, row: Row) -> Proof:
    """Return the proof that a row's leaf is in the log. Raises UsageError while it waits for its place."""
    if row.index is None:
        raise UsageError(
            "this record waits for its place in the ledger", where=row.record, advice="run `waybill ledger sequence`"
        )
    return prove(installation.ledger.source(row.log), row.index)


def disclose(installation: Installation, id: str, groups: Collection[str]) -> Disclosure:
    """Return some groups of a record with their salts and the proof; without groups, all there are."""
    return disclosed(installation, *find(installation, id), groups)


def disclosed(installation: Installation, row: Row, inside: Member | None, groups: Collection[str]) -> Disclosure:
    """Return some groups of a row, and the path of a transfer inside it if one is meant, like ``disclose``."""
    proof = proof_of(installation, row)
    contents = groups_of(row.content)
    wanted = set(groups) or set(contents)
    if inside is not None:
        wanted.add("what")
    if not contents or wanted - contents.keys():
        raise UsageError(
            "the record was erased" if not contents else "the record has no such group",
            where=", ".join(sorted(wanted - contents.keys())) or row.record,
            expected=", ".join(contents) or "",
        )
    try:
        salts = salts_of(row, contents, installation.ledger.keys.known(subjects_of([row])))
    except KeyError:
        raise UsageError("the key that the record's salts are made with is gone", where=row.record) from None
    shown = {name: Shown(msgspec.json.decode(contents[name]), salts[name]) for name in sorted(wanted)}
    size = Checkpoint.parse(proof.note.text).size
    leaf = installation.ledger.source(row.log).entry(proof.index, size)
    return Disclosure(leaf, shown, proof, inside)
