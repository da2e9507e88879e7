"""RFC 3161 tokens over checkpoints: somebody else's word that the log was so at that time.

A token is kept as the authority's whole answer beside the exact bytes it is over, so that any tool can check it:
``openssl ts -verify -data timestamps/SIZE.checkpoint -in timestamps/SIZE.tsr -CAfile roots.pem``.
"""

from __future__ import annotations

import http.client
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from waybill.durable import make_folder, replace_file, storage_faults
from waybill.ledger.checkpoint import Checkpoint
from waybill.ledger.errors import ProofError
from waybill.ledger.note import Note
from waybill.model.errors import InputError, UsageError

MOST_BYTES = 1 << 20
TIMEOUT = 30.0
"""Seconds to wait for an authority."""

Ask = Callable[[bytes], bytes]
"""Hands a DER request to a time-stamping authority and returns its DER answer; raises ``InputError``."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A checkpoint that existed at ``time``, by the word of the authority."""

    checkpoint: Checkpoint
    time: datetime


def authority(address: str) -> Ask:
    """Return how to ask the authority at an http(s) address (RFC 3161 section 3.4)."""
    if not address.startswith(("https://", "http://")):
        raise UsageError("a time-stamping authority has an http(s) address", where=address)

    def ask(request: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        message = urllib.request.Request(address, data=request, headers=headers)  # noqa: S310 http(s) only
        try:
            with urllib.request.urlopen(message, timeout=TIMEOUT) as answer:  # noqa: S310
                return bytes(answer.read(MOST_BYTES))
        except (OSError, http.client.HTTPException) as error:
            raise InputError(f"the time-stamping authority does not answer: {error}", where=address) from None

    return ask


def read_roots(file: Path) -> list[Certificate]:
    """Return the certificates in a PEM file: the authorities to believe."""
    with storage_faults("cannot read the certificates", file):
        content = file.read_bytes()
    try:
        return load_pem_x509_certificates(content)
    except ValueError as error:
        raise InputError(f"these are no certificates: {error}", where=str(file), expected="PEM") from None


def stamp(folder: Path, note: Note, ask: Ask, roots: Sequence[Certificate]) -> Stamped:
    """Get a token over a checkpoint, check it, and keep both in the log's folder."""
    content, checkpoint = str(note).encode(), Checkpoint.parse(note.text)
    request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = ask(request.as_bytes())
    stamped = _check(answer, content, roots, request.nonce)
    home = folder / "timestamps"
    with storage_faults("cannot keep the time stamp", home):
        make_folder(home)
        replace_file(home / f"{checkpoint.size}.checkpoint", content)
        replace_file(home / f"{checkpoint.size}.tsr", answer)
    return stamped


def stamps(folder: Path, roots: Sequence[Certificate]) -> Iterator[Stamped]:
    """Check the tokens of a log and yield what they say, smallest checkpoint first; raise ``ProofError`` at a bad one.

    Whether the log signed those checkpoints, and whether they are of its entries, is not looked at here.
    """
    for path in sorted((folder / "timestamps").glob("*.tsr"), key=lambda path: (len(path.name), path.name)):
        content = path.with_suffix(".checkpoint")
        with storage_faults("cannot read the time stamp", path):
            answer, stamped = path.read_bytes(), content.read_bytes()
        try:
            yield _check(answer, stamped, roots, None)
        except ProofError as error:
            raise ProofError(error.what, where=str(path)) from None


def _check(answer: bytes, content: bytes, roots: Sequence[Certificate], nonce: int | None) -> Stamped:
    checkpoint = Checkpoint.parse(Note.parse(content).text)
    try:
        response: TimeStampResponse = decode_timestamp_response(answer)
        VerifierBuilder(roots=list(roots), nonce=nonce).build().verify_message(response, content)
        return Stamped(checkpoint, response.tst_info.gen_time)
    except (ValueError, VerificationError) as error:
        raise ProofError(f"the time stamp does not hold: {error}", where=checkpoint.origin) from None
