"""Notes, keys and signatures: what stands in them, and what is refused."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from tests.ledger.making import KEY, ORIGIN, cosigner

from waybill.ledger import Checkpoint, Note, ProofError, SignatureType, SigningKey, VerifierKey
from waybill.ledger.encoding import from_base64, to_number
from waybill.ledger.note import MOST_SIGNATURES, Signature
from waybill.model.errors import UsageError

CHECKPOINT = Checkpoint(ORIGIN, 20852163, hashlib.sha256(b"root").digest())
SIGNED = Note(CHECKPOINT.text(), ()).signed(KEY)


def test_a_note_is_read_as_it_was_written() -> None:
    assert Note.parse(str(SIGNED).encode()) == SIGNED
    assert SIGNED.verified([KEY.verifier]) == {KEY.verifier: None}
    assert Checkpoint.parse(SIGNED.text) == CHECKPOINT


@pytest.mark.parametrize("place", range(len(str(SIGNED).encode())))
def test_no_changed_bit_goes_unseen(place: int) -> None:
    """Not even in the bits of the last base64 character that encode nothing."""
    for bit in range(8):
        content = bytearray(str(SIGNED).encode())
        content[place] ^= 1 << bit
        with contextlib.suppress(ProofError):
            assert not Note.parse(bytes(content)).verified([KEY.verifier])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\xe2\x80\x94 name AAAAAAA=",
        b"text\n\n- name AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 na+me AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 name AAAA\n",
        b"text\n\n\xe2\x80\x94 name AAAAAAA\n",
        b"te\x07xt\n\n\xe2\x80\x94 name AAAAAAA=\n",
        b"te\txt\n\n\xe2\x80\x94 name AAAAAAA=\n",
        b"te\xffxt\n\n\xe2\x80\x94 name AAAAAAA=\n",
        b"text\r\n\r\n\xe2\x80\x94 name AAAAAAA=\r\n",
        b"text\n\n" + b"\xe2\x80\x94 name AAAAAAA=\n" * (MOST_SIGNATURES + 1),
        b"x" * (1 << 20) + b"\n\n\xe2\x80\x94 name AAAAAAA=\n",
    ],
)
def test_what_is_no_note_is_refused(content: bytes) -> None:
    with pytest.raises(ProofError):
        Note.parse(content)


def test_the_text_may_hold_empty_lines() -> None:
    assert Note.parse(b"one\n\ntwo\n\n\xe2\x80\x94 name AAAAAAA=\n").text == "one\n\ntwo\n"


def test_unknown_keys_are_passed_over_and_known_ones_must_hold() -> None:
    other = SigningKey.generate(ORIGIN)
    assert SIGNED.signed(other).verified([KEY.verifier]) == {KEY.verifier: None}
    assert SIGNED.verified([other.verifier]) == {}
    forged = Signature(ORIGIN, KEY.verifier.id, bytes(64))
    with pytest.raises(ProofError, match="not over this text"):
        Note(SIGNED.text, (*SIGNED.signatures, forged)).verified([KEY.verifier])


@pytest.mark.parametrize("type", SignatureType)
def test_every_type_signs_and_verifies(type: SignatureType) -> None:
    key = SigningKey.generate("witness.example/w1", type)
    note = Note(CHECKPOINT.text(), ()).signed(key, at=1679315147)
    stamp = None if type is SignatureType.NOTE else 1679315147
    assert Note.parse(str(note).encode()).verified([VerifierKey.parse(str(key.verifier))]) == {key.verifier: stamp}
    other = Checkpoint(ORIGIN, CHECKPOINT.size + 1, CHECKPOINT.root)
    with pytest.raises(ProofError):
        Note(other.text(), note.signatures).verified([key.verifier])


def test_an_ed25519_cosignature_is_over_what_the_standard_says() -> None:
    key = cosigner("witness.example/w1")
    signature = key.sign(CHECKPOINT.text(), at=1679315147)
    message = b"cosignature/v1\ntime 1679315147\n" + CHECKPOINT.text().encode()
    assert signature[:8] == (1679315147).to_bytes(8, "big")
    Ed25519PublicKey.from_public_bytes(key.verifier.public).verify(signature[8:], message)
    name = b"witness.example/w1\n\x04" + key.verifier.public
    assert key.verifier.id == hashlib.sha256(name).digest()[:4]


def test_an_ml_dsa_cosignature_is_over_what_the_standard_says() -> None:
    key = cosigner("witness.example/w1", SignatureType.SUBTREE)
    signature = key.sign(CHECKPOINT.text(), at=1679315147)
    message = struct.pack(
        f">12sB18sQB{len(ORIGIN)}sQQ32s",
        b"subtree/v1\n\x00",
        18,
        b"witness.example/w1",
        1679315147,
        len(ORIGIN),
        ORIGIN.encode(),
        0,
        CHECKPOINT.size,
        CHECKPOINT.root,
    )
    assert len(signature) == 8 + 2420
    MLDSA44PublicKey.from_public_bytes(key.verifier.public).verify(signature[8:], message)


def test_an_ml_dsa_cosignature_does_not_cover_extension_lines() -> None:
    key = cosigner("witness.example/w1", SignatureType.SUBTREE)
    extended = Note(CHECKPOINT.text() + "extension\n", Note(CHECKPOINT.text(), ()).signed(key).signatures)
    assert extended.verified([key.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/ledger\n",
        "example.com/ledger\n5\n",
        "\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "example.com/ledger\n05\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "example.com/ledger\n-5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "example.com/ledger\n9223372036854775808\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "example.com/ledger\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        "example.com/ledger\n5\nAAAA\n",
        "example.com/ledger\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n",
        "example.com/ledger\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        Checkpoint.parse(text)


def test_there_is_one_way_to_write_bytes_and_numbers() -> None:
    for text in ("AB==", "AA=", "AA", "A A=", "AA==\n", "_w==", "é"):
        with pytest.raises(ProofError):
            from_base64(text)
    for text in ("", "00", "+1", "1 ", "1_0", "٣", "1e3"):
        with pytest.raises(ProofError):
            to_number(text)


def test_a_verifier_key_that_was_changed_is_refused() -> None:
    text = str(KEY.verifier)
    for place in range(len(text)):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises((ProofError, UsageError)):
            VerifierKey.parse(changed)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nbreak", "x" * 256, "no\u00a0break"])
def test_a_name_that_a_note_cannot_carry_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        SigningKey.generate(name)


def test_a_key_is_kept_for_its_owner_only_and_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "ledger.key"
    before = os.umask(0)
    try:
        KEY.save(file)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SigningKey.load(file).verifier == KEY.verifier
    with pytest.raises(UsageError, match="there is a key already"):
        SigningKey.generate("example.com/other").save(file)
    assert SigningKey.load(file).verifier == KEY.verifier
    assert [path.name for path in file.parent.iterdir()] == ["ledger.key"]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    KEY.save(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(UsageError, match="others can read"):
        SigningKey.load(tmp_path / "key")


@pytest.mark.parametrize("text", ["", "PRIVATE+KEY+a+b+c", "PRIVATE+KEY+a+00000000+AA==", "nonsense"])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(UsageError, match="no signing key") as caught:
        SigningKey.load(tmp_path / "key")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
