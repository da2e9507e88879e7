"""Hashing many at a time: the compiled form answers as the plain one, and both as hashlib does."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.ledger import FolderSource, Log, ProofError, SigningKey, tiles, verify
from waybill.ledger.hashing import PLAIN, Hashing, compiled
from waybill.ledger.tiles import WIDTH, Bundle

_COMPILED = compiled()
FORMS = [
    pytest.param(PLAIN, id="plain"),
    pytest.param(_COMPILED, id="compiled", marks=pytest.mark.skipif(_COMPILED is None, reason="numba is not here")),
]


@pytest.mark.parametrize("hashing", FORMS)
@given(entries=st.lists(st.binary(max_size=80), max_size=WIDTH))
def test_leaves(hashing: Hashing, entries: list[bytes]) -> None:
    wanted = b"".join(hashlib.sha256(b"\x00" + entry).digest() for entry in entries)
    assert hashing.leaves(Bundle(tiles.encode(entries))) == wanted
    assert hashing.leaves(Bundle(entries=entries)) == wanted


@pytest.mark.parametrize("hashing", FORMS)
@given(content=st.binary(max_size=300))
def test_what_is_no_bundle(hashing: Hashing, content: bytes) -> None:
    try:
        entries = tiles.decode(content)
    except ProofError:
        with pytest.raises(ProofError):
            hashing.leaves(Bundle(content))
    else:
        assert len(hashing.leaves(Bundle(content))) == 32 * len(entries)


@pytest.mark.parametrize("hashing", FORMS)
def test_too_many_entries(hashing: Hashing) -> None:
    with pytest.raises(ProofError, match="more than 256"):
        hashing.leaves(Bundle(bytes(2 * (WIDTH + 1))))


@pytest.mark.parametrize("hashing", FORMS)
@given(level=st.integers(0, 8), seed=st.binary(min_size=1, max_size=4))
def test_nodes(hashing: Hashing, level: int, seed: bytes) -> None:
    leaves = [hashlib.sha256(seed + bytes([index % 256])).digest() for index in range(1 << level)]
    stack: list[tuple[int, bytes]] = []
    wanted = []
    for leaf in leaves:
        stack.append((0, leaf))
        wanted.append(leaf)
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            (height, right), (_, left) = stack.pop(), stack.pop()
            stack.append((height + 1, hashlib.sha256(b"\x01" + left + right).digest()))
            wanted.append(stack[-1][1])
    assert hashing.root(b"".join(leaves)) == wanted[-1]
    if level == 8:
        assert hashing.nodes(b"".join(leaves)) == b"".join(wanted)


@pytest.mark.parametrize("hashing", FORMS)
def test_a_log_is_the_same(hashing: Hashing, tmp_path: Path) -> None:
    key = SigningKey.generate("example.com/log")
    entries = [str(number).encode() * (number % 7) for number in range(1_000)]
    notes = []
    for name, form in (("one", PLAIN), ("other", pickle.loads(pickle.dumps(hashing)))):
        with Log.open(tmp_path / name, key.verifier.name, key, interval=0, hashing=form) as log:
            for start in range(0, len(entries), 331):
                log.append(entries[start : start + 331])
            notes.append(log.checkpoint().text)
            policy = log.policy
    assert notes[0] == notes[1]
    assert verify(FolderSource(tmp_path / "other"), policy, hashing=hashing).sound
    assert (tmp_path / "one/state/nodes").read_bytes() == (tmp_path / "other/state/nodes").read_bytes()
