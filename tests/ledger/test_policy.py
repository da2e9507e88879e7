"""Policies: the examples of c2sp.org/tlog-policy, its rules, and quorums."""

from __future__ import annotations

import pytest
from tests.ledger.making import KEY, ORIGIN, cosigner

from waybill.ledger import Checkpoint, Note, Policy, ProofError, SignatureType, SigningKey, merkle
from waybill.model.errors import RuleError

TEXT = Checkpoint(ORIGIN, 0, merkle.EMPTY_ROOT).text()
WITNESSES = {f"{group}{number}": cosigner(f"{group}{number}.example") for group in "XY" for number in (1, 2, 3)}


def policy(*lines: str) -> Policy:
    known = [f"witness {name} {key.verifier}" for name, key in WITNESSES.items()]
    return Policy.parse("\n".join([f"log {KEY.verifier}", *known, *lines, ""]).encode())


def note(*names: str) -> Note:
    made = Note(TEXT, ()).signed(KEY)
    for name in names:
        made = made.signed(WITNESSES[name], at=1_000)
    return made


TWO_LEVELS = (
    "group X-witnesses 2 X1 X2 X3",
    "group Y-witnesses any Y1 Y2 Y3",
    "group X-and-Y all X-witnesses Y-witnesses",
    "quorum X-and-Y",
)


@pytest.mark.parametrize(
    ("cosigned", "enough"),
    [
        ("", False),
        ("X1 X2 X3", False),
        ("X1 Y1", False),
        ("X1 X3 Y2", True),
        ("X1 X2 X3 Y1 Y2 Y3", True),
        ("Y1 Y2 Y3", False),
    ],
)
def test_the_example_of_the_standard(cosigned: str, enough: bool) -> None:
    names = cosigned.split()
    if enough:
        assert policy(*TWO_LEVELS).check(note(*names)).witnesses == dict.fromkeys(names, 1_000)
    else:
        with pytest.raises(ProofError, match="lacks the quorum 'X-and-Y'"):
            policy(*TWO_LEVELS).check(note(*names))


def test_a_single_witness_may_be_the_quorum() -> None:
    assert policy("quorum X1").check(note("X1"))
    with pytest.raises(ProofError):
        policy("quorum X1").check(note("X2"))


def test_no_witness_may_be_asked_for() -> None:
    assert policy("quorum none").check(note()).witnesses == {}


def test_the_log_must_have_signed() -> None:
    bare = Note(TEXT, ()).signed(WITNESSES["X1"])
    with pytest.raises(ProofError, match="not signed by the log"):
        policy("quorum X1").check(bare)


def test_the_log_is_known_by_its_origin() -> None:
    other = SigningKey.generate("example.com/other")
    stranger = Note(Checkpoint("example.com/other", 0, merkle.EMPTY_ROOT).text(), ())
    with pytest.raises(ProofError, match="does not know this log"):
        policy("quorum none").check(stranger.signed(other).signed(KEY))


def test_a_cosignature_that_does_not_hold_spoils_the_checkpoint() -> None:
    other = Note(Checkpoint(ORIGIN, 1, bytes(32)).text(), ()).signed(WITNESSES["X2"])
    forged = Note(TEXT, (*note("X1").signatures, *other.signatures))
    with pytest.raises(ProofError, match="not over this text"):
        policy("quorum X1").check(forged)


def test_blanks_comments_and_other_octets_are_allowed() -> None:
    name = "é\u00a0".encode() + b"\xff"
    text = b"\t# comment \xff\n\n \t \nwitness  \t" + name + b" " + str(WITNESSES["X1"].verifier).encode() + b" \n"
    read = Policy.parse(text + b"quorum " + name)
    assert read.agrees({name.decode("utf-8", "surrogateescape")})
    assert not read.agrees(set())


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "names no quorum"),
        (["quorum none", "quorum none"], "neither"),
        (["quorum nobody"], "nothing before this line is named 'nobody'"),
        (["group a any b", "quorum a"], "nothing before this line is named 'b'"),
        (["group X1 any X2", "quorum none"], "is taken"),
        (["group none any X2", "quorum none"], "is taken"),
        (["group a 0 X1", "quorum none"], "from 1 to 1"),
        (["group a 3 X1 X2", "quorum none"], "from 1 to 2"),
        (["group a 01 X1 X2", "quorum none"], "from 1 to 2"),
        (["group a ² X1 X2", "quorum none"], "from 1 to 2"),
        (["group a any X1 X1", "quorum none"], "member twice"),
        (["group a any X1", "group b any X1", "quorum none"], "member twice"),
        (["group a any", "quorum none"], "neither"),
        (["nonsense", "quorum none"], "neither"),
        (["log", "quorum none"], "neither"),
        ([f"log {KEY.verifier}", "quorum none"], "listed twice"),
        ([f"witness again {WITNESSES['X1'].verifier}", "quorum none"], "listed twice"),
        ([f"witness log {KEY.verifier}", "quorum none"], "cannot cosign"),
        (["witness a b+c+d", "quorum none"], "base64"),
        ([f"log {str(KEY.verifier)[:-2]}AA", "quorum none"], "wrong"),
    ],
)
def test_a_mistake_is_named_with_its_line(lines: list[str], said: str) -> None:
    with pytest.raises(RuleError, match=said) as caught:
        policy(*lines)
    assert caught.value.where.startswith("policy")


def test_control_characters_are_refused() -> None:
    for octet in (b"\r", b"\x00", b"\x7f"):
        with pytest.raises(RuleError, match="control"):
            Policy.parse(b"quorum none" + octet + b"\n")


def test_post_quantum_witnesses_count_like_others() -> None:
    key = cosigner("pq.example", SignatureType.SUBTREE)
    read = policy(f"witness pq {key.verifier}", "group both all X1 pq", "quorum both")
    assert set(read.check(note("X1").signed(key)).witnesses) == {"X1", "pq"}
