"""Asking witnesses: whether they have seen more of this log than there is, and to cosign what there is."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from waybill.ledger.checkpoint import Checkpoint
from waybill.ledger.encoding import to_number
from waybill.ledger.errors import ProofError, RestoredError
from waybill.ledger.keys import VerifierKey
from waybill.ledger.note import Note, Signature
from waybill.ledger.policy import Policy
from waybill.ledger.witnessing import MOST_REQUEST_BYTES, SIZE, Answer, Cosigner, Request
from waybill.model.errors import DamagedError, InputError, StorageError, UsageError

if TYPE_CHECKING:
    from waybill.ledger.log import Log

TIMEOUT = 10.0
"""Seconds to wait for a witness."""

T = TypeVar("T")


class RemoteWitness:
    """A witness behind an http(s) address, its submission prefix."""

    def __init__(self, address: str) -> None:
        if not address.startswith(("https://", "http://")):
            raise UsageError("a witness is asked under an http(s) address", where=address)
        self.name = address.rstrip("/")

    def add_checkpoint(self, body: bytes) -> Answer:
        """Send the request and return the answer."""
        where = f"{self.name}/add-checkpoint"
        request = urllib.request.Request(where, data=body, headers={"Content-Type": "text/plain"})  # noqa: S310 http(s)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                return Answer(
                    answer.status, answer.read(MOST_REQUEST_BYTES).decode(), answer.headers.get_content_type()
                )
        except urllib.error.HTTPError as error:
            with error:
                text = error.read(MOST_REQUEST_BYTES).decode("utf-8", "replace")
            return Answer(error.code, text, error.headers.get_content_type())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise InputError(f"the witness does not answer: {error}", where=self.name) from None


@dataclass(slots=True)
class Cosigned:
    """What came of asking witnesses to cosign."""

    note: Note
    """The checkpoint with the cosignatures."""
    witnesses: set[str] = field(default_factory=set)
    """Who cosigned, by their names in the policy."""
    refusals: dict[str, str] = field(default_factory=dict)
    """Who did not, and why."""
    forgetful: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Who remembers fewer entries of this log than it has cosigned (both numbers): it was restored from an older copy.

    It catches up with what it is shown now, but could have been shown another log meanwhile.
    """
    published: bool = False
    """Whether the policy is satisfied, so that the log now shows this checkpoint."""


def witnesses_of(policy: Policy) -> list[Cosigner]:
    """Return the witnesses of a policy that have an address, each once."""
    addresses = dict.fromkeys(peer.address for peer in policy.witnesses.values() if peer.address)
    return [RemoteWitness(address) for address in addresses]


def confirm(policy: Policy, signed: Note, cosigners: Sequence[Cosigner], where: str) -> None:
    """Make sure that no witness has seen more of a log than it remembers signing; nothing new is signed for that.

    Raises ``RestoredError`` if one has, and ``StorageError`` if too few answer to be sure.
    """
    checkpoint = Checkpoint.parse(signed.text)
    body = bytes(Request(checkpoint.size, [], signed))

    def ask(cosigner: Cosigner) -> set[str]:
        answer = cosigner.add_checkpoint(body)
        if answer.status == 409:
            _check_known(cosigner, _size(answer), checkpoint, where)
        return set(_names(policy, cosigner)) if answer.status in {200, 409} else set()

    answered = {name for found in _ask_all(ask, cosigners) if isinstance(found, set) for name in found}
    if not policy.agrees(answered):
        raise StorageError(
            "too few witnesses answer to be sure that the ledger's folder is not an older copy",
            where=where,
            expected=f"answers of the quorum {policy.quorum!r}; had {', '.join(sorted(answered)) or 'none'}",
            advice="see that the witnesses can be reached, then try again; nothing is lost meanwhile",
        )


def cosign(log: Log, cosigners: Sequence[Cosigner] | None = None) -> Cosigned:
    """Ask witnesses to cosign the last checkpoint signed, and show it if they suffice.

    Without ``cosigners``, those of the policy are asked. Raises ``RestoredError`` if one has seen more of the log.
    """
    cosigners = witnesses_of(log.policy) if cosigners is None else cosigners
    signed, policy = log.signed, log.policy
    names = {peer.key: name for name, peer in policy.witnesses.items()}
    found, shown = Cosigned(signed), log.published
    answers = _ask_all(lambda cosigner: _cosignatures(cosigner, log, signed, shown), cosigners)
    for cosigner, answer in zip(cosigners, answers, strict=True):
        if isinstance(answer, InputError):
            found.refusals[cosigner.name] = answer.what
        else:
            signatures, remembers = answer
            cosigned = Checkpoint.parse(shown.text).size
            if remembers < cosigned and list(_valid(shown, shown.signatures, _names(policy, cosigner).values())):
                found.forgetful[cosigner.name] = remembers, cosigned
            for key, signature in _valid(signed, signatures, names):
                found.note = Note(signed.text, (*found.note.signatures, signature))
                found.witnesses.add(names[key])
    if policy.agrees(found.witnesses):
        log.publish(found.note)
        found.published = True
    return found


def _cosignatures(cosigner: Cosigner, log: Log, signed: Note, shown: Note) -> tuple[list[Signature], int]:
    """Ask one witness, a second time if it has to be told from which size on.

    Returns what it answers, unchecked, and how many entries it had seen.
    """
    checkpoint = Checkpoint.parse(signed.text)
    old = Checkpoint.parse(shown.text).size
    answer = cosigner.add_checkpoint(bytes(Request(old, log.consistency(old, checkpoint.size), signed)))
    if answer.status == 409:
        old = min(_size(answer), checkpoint.size)
        answer = cosigner.add_checkpoint(bytes(Request(old, log.consistency(old, checkpoint.size), signed)))
    if answer.status == 409:
        _check_known(cosigner, _size(answer), checkpoint, str(log.folder))
    if answer.status != 200:
        raise ProofError(f"the witness refuses ({answer.status}): {answer.body.strip()[:200]}", where=cosigner.name)
    return [Signature.parse(line) for line in answer.body.removesuffix("\n").split("\n")], old


def _valid(
    signed: Note, signatures: Sequence[Signature], keys: Iterable[VerifierKey]
) -> Iterator[tuple[VerifierKey, Signature]]:
    """Yield the signatures that are by one of ``keys``, as they say."""
    for key in keys:
        for signature in signatures:
            if signature.is_by(key):
                with suppress(ProofError):
                    key.verify(signed.text, signature.content)
                    yield key, signature


def _check_known(cosigner: Cosigner, seen: int, checkpoint: Checkpoint, where: str) -> None:
    """Make sure that a witness that will not take the checkpoint is one that is behind, and not the log."""
    if seen > checkpoint.size:
        raise RestoredError(cosigner.name, seen, checkpoint.size, where)
    if seen == checkpoint.size:
        raise DamagedError(
            f"witness {cosigner.name} has seen other entries: this log was forked at or before entry {seen}",
            where=where,
            advice="compare the two checkpoints it keeps as evidence, and find out who wrote both",
        )


def _size(answer: Answer) -> int:
    if answer.type != SIZE:
        raise ProofError("the witness does not tell the size it knows", expected=SIZE)
    return to_number(answer.body.removesuffix("\n"))


def _names(policy: Policy, cosigner: Cosigner) -> dict[str, VerifierKey]:
    """Return the names and keys in the policy that a witness answers for."""
    found = policy.witnesses.items()
    return {name: peer.key for name, peer in found if cosigner.name in {peer.address.rstrip("/"), peer.key.name}}


def _ask_all(ask: Callable[[Cosigner], T], cosigners: Sequence[Cosigner]) -> list[T | InputError]:
    """Ask all at once; who cannot be asked, or answers what nobody understands, is told by the error."""

    def careful(cosigner: Cosigner) -> T | InputError:
        try:
            return ask(cosigner)
        except InputError as error:
            return error

    if not cosigners:
        return []
    with ThreadPoolExecutor(len(cosigners)) as pool:
        return list(pool.map(careful, cosigners))
