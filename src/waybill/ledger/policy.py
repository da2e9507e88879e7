"""Which logs and witnesses to believe, and how many of them: c2sp.org/tlog-policy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from waybill.ledger.checkpoint import Checkpoint
from waybill.ledger.errors import ProofError
from waybill.ledger.keys import SignatureType, VerifierKey
from waybill.ledger.note import Note
from waybill.model.errors import RuleError

NONE = "none"
_ALLOWED = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")
_BLANK = re.compile(r"[ \t]+")
_COSIGNERS = {SignatureType.COSIGNATURE, SignatureType.SUBTREE}


@dataclass(frozen=True, slots=True)
class Peer:
    """A log or witness: its key and, where one is known, its address."""

    key: VerifierKey
    address: str = ""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint that satisfies a policy, and who cosigned it when (seconds since 1970)."""

    checkpoint: Checkpoint
    witnesses: dict[str, int]


@dataclass(slots=True)
class Policy:
    """Logs, witnesses and groups by name, and the name that has to agree."""

    logs: list[Peer] = field(default_factory=list)
    witnesses: dict[str, Peer] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    """How many of which members make the group agree."""
    quorum: str = NONE

    @classmethod
    def parse(cls, content: bytes, where: str = "policy") -> Policy:
        """Read a policy file; a mistake names its line."""
        if not _ALLOWED.fullmatch(content):
            raise RuleError("a policy may hold no control characters", where=where)
        reader = _Reader()
        for number, line in enumerate(content.decode("utf-8", "surrogateescape").split("\n"), 1):
            words = _BLANK.split(line.strip(" \t"))
            if words != [""] and not words[0].startswith("#"):
                try:
                    reader.read(words)
                except (ProofError, ValueError) as error:
                    raise RuleError(f"this line of the policy is wrong: {error}", where=f"{where}:{number}") from None
        if not reader.quorum:
            raise RuleError("the policy names no quorum", where=where, expected="a line such as: quorum none")
        return cls(reader.logs, reader.witnesses, reader.groups, reader.quorum)

    def check(self, note: Note) -> Witnessed:
        """Return the checkpoint in ``note`` if a log of this policy signed it and the quorum agrees."""
        checkpoint = self.check_log(note)
        times = {
            name: stamp or 0 for name, peer in self.witnesses.items() for stamp in note.verified([peer.key]).values()
        }
        if not self.agrees(set(times)):
            raise ProofError(
                f"the checkpoint lacks the quorum {self.quorum!r} of witnesses",
                where=checkpoint.origin,
                expected=f"cosignatures that satisfy it; found {', '.join(sorted(times)) or 'none'}",
            )
        return Witnessed(checkpoint, times)

    def check_log(self, note: Note) -> Checkpoint:
        """Return the checkpoint in ``note`` if a log of this policy signed it, whatever witnesses say."""
        checkpoint = Checkpoint.parse(note.text)
        keys = [peer.key for peer in self.logs if peer.key.name == checkpoint.origin]
        if not keys:
            raise ProofError("the policy does not know this log", where=checkpoint.origin)
        if not note.verified(keys):
            raise ProofError("the checkpoint is not signed by the log", where=checkpoint.origin)
        return checkpoint

    def agrees(self, names: set[str]) -> bool:
        """Tell whether the witnesses named satisfy the quorum."""
        agreed = names & self.witnesses.keys()
        for group, (need, members) in self.groups.items():
            if len(agreed.intersection(members)) >= need:
                agreed.add(group)
        return self.quorum == NONE or self.quorum in agreed


class _Reader:
    """Takes a policy's lines in order, as each may only name what stands before it."""

    def __init__(self) -> None:
        self.logs: list[Peer] = []
        self.witnesses: dict[str, Peer] = {}
        self.groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.quorum = ""
        self._members: set[str] = set()

    def read(self, words: Sequence[str]) -> None:
        match words:
            case ["log", key, *address] if len(address) < 2:
                self._add_log(Peer(VerifierKey.parse(key), *address))
            case ["witness", name, key, *address] if len(address) < 2:
                self._add_witness(name, Peer(VerifierKey.parse(key), *address))
            case ["group", name, need, *members] if members:
                self._add_group(name, need, tuple(members))
            case ["quorum", name] if not self.quorum:
                if name != NONE:
                    self._known([name])
                self.quorum = name
            case _:
                raise ValueError("neither log, witness, group nor the one quorum line")

    def _add_log(self, peer: Peer) -> None:
        if peer.key.public in {other.key.public for other in self.logs}:
            raise ValueError("this log's key is listed twice")
        self.logs.append(peer)

    def _add_witness(self, name: str, peer: Peer) -> None:
        self._new(name)
        if peer.key.type not in _COSIGNERS:
            raise ValueError("this key cannot cosign")
        if peer.key.public in {other.key.public for other in self.witnesses.values()}:
            raise ValueError("this witness's key is listed twice")
        self.witnesses[name] = peer

    def _add_group(self, name: str, need: str, members: tuple[str, ...]) -> None:
        self._new(name)
        self._known(members)
        if len(set(members)) < len(members) or self._members.intersection(members):
            raise ValueError("a name is a member twice")
        words = {"any": 1, "all": len(members)}
        least = words[need] if need in words else int(need) if re.fullmatch("[1-9][0-9]*", need) else 0
        if not 1 <= least <= len(members):
            raise ValueError(f"the group needs a number from 1 to {len(members)}, any or all")
        self._members.update(members)
        self.groups[name] = least, members

    def _new(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise ValueError(f"the name {name!r} is taken")

    def _known(self, names: Sequence[str]) -> None:
        unknown = [name for name in names if name not in self.witnesses and name not in self.groups]
        if unknown:
            raise ValueError(f"nothing before this line is named {unknown[0]!r}")
