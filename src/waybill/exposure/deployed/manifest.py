"""What was approved of a platform: every file and package, who approved it, and what may change on its own.

It is written as an in-toto statement (version 1): the files are its subjects, the rest its predicate.
"""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from waybill.exposure.deployed import bundles
from waybill.exposure.deployed.bundles import Signer
from waybill.exposure.deployed.envelope import IN_TOTO, MOST_BYTES, Envelope, PrivateKey, PublicKey, seal, signers
from waybill.exposure.deployed.tree import LINK
from waybill.model.errors import InputError

STATEMENT = "https://in-toto.io/Statement/v1"
APPROVED = "https://waybill.invalid/approved-platform/1"
"""The type of the predicate; a name, not an address to fetch."""


class Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file, as in-toto describes a resource; a link has its target as an annotation."""

    name: str
    digest: dict[str, str]
    annotations: dict[str, str] = {}


class Package(msgspec.Struct, frozen=True, order=True):
    """An installed package: all that its RECORD lists is approved by one hash."""

    name: str
    version: str
    sha256: str


class Changing(msgspec.Struct, frozen=True):
    """What may change on its own, and why; code that appears there is told all the same."""

    pattern: str
    reason: str


class Approval(msgspec.Struct, frozen=True):
    """Who stands for a commit: whether its signature is good, and that of somebody else who owns what it touches."""

    state: str
    """``approved``, ``unsigned``, ``unknown-signer``, ``not-owner`` or ``own-work``."""
    key: str = ""
    """The fingerprint of the key that signed it. No names: a manifest goes where the platform goes."""


class Script(msgspec.Struct, frozen=True):
    """A script that a page may load, and why it does (PCI DSS 4.0.1, 6.4.3)."""

    page: str
    """Address of the page, or a pattern."""
    source: str
    """Address of the script or a pattern, or ``inline``."""
    sha256: tuple[str, ...] = ()
    """What it may hold; none for a script that its maker changes, which is then judged by what it does."""
    reason: str = ""
    hosts: tuple[str, ...] = ()
    """Hosts that it may talk to, beside that of the page."""


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """The predicate."""

    made: str
    """When, as ISO 8601."""
    revision: str = ""
    """The commit that it was made of."""
    approvals: dict[str, Approval] = {}
    """By commit."""
    commits: dict[str, str] = {}
    """The commit that brought each file to where it is, by path."""
    packages: tuple[Package, ...] = ()
    changing: tuple[Changing, ...] = ()
    scripts: tuple[Script, ...] = ()
    headers: dict[str, dict[str, str]] = {}
    """What each page's security headers say, by address of the page and name in lower case (PCI DSS 4.0.1, 11.6.1)."""


class Statement(msgspec.Struct, frozen=True, kw_only=True, rename={"type": "_type"}):
    """An in-toto statement about a platform."""

    type: str = STATEMENT
    subject: tuple[Subject, ...]
    predicateType: str = APPROVED  # noqa: N815  the standard's name
    predicate: Approved


class _Bare(msgspec.Struct, rename={"type": "_type"}):
    """A statement whose predicate is not looked into yet."""

    type: str
    subject: tuple[Subject, ...]
    predicateType: str  # noqa: N815
    predicate: msgspec.Raw = msgspec.Raw(b"null")


class Manifest:
    """What was approved, ready to be compared with."""

    def __init__(self, statement: Statement, signed_by: frozenset[str] = frozenset()) -> None:
        self.about = statement.predicate
        self.signed_by = signed_by
        """Ids of the trusted keys that signed it."""
        self.digests = {
            one.name: LINK + one.annotations["link"] if "link" in one.annotations else one.digest.get("sha256", "")
            for one in statement.subject
        }
        """As ``tree.Contents`` has them."""

    def may_change(self, path: str) -> bool:
        """Return whether a file may change on its own."""
        return any(fnmatch.fnmatchcase(path, one.pattern) for one in self.about.changing)

    def unapproved(self) -> dict[str, list[str]]:
        """Return the paths of each commit that nobody entitled approved."""
        found: dict[str, list[str]] = {}
        for path, commit in sorted(self.about.commits.items()):
            approval = self.about.approvals.get(commit)
            if approval is None or approval.state != "approved":
                found.setdefault(commit, []).append(path)
        return found


def statement_of(digests: Mapping[str, str], about: Approved) -> Statement:
    """Return the statement that approves these files."""
    return Statement(subject=tuple(_subject(path, digests[path]) for path in sorted(digests)), predicate=about)


def write_manifest(statement: Statement, keys: tuple[PrivateKey, ...]) -> bytes:
    """Return a statement in an envelope, as a file keeps it."""
    return msgspec.json.encode(seal(msgspec.json.encode(statement), keys)) + b"\n"


def read_manifest(path: Path, trusted: tuple[PublicKey, ...] = (), signer: Signer | None = None) -> Manifest:
    """Return the manifest in a file: an envelope, or a Sigstore bundle by ``signer``; of ours or any other predicate.

    Raises InputError if it is none, or if keys are trusted and none signed it.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError("the manifest is too long", where=str(path), expected=f"at most {MOST_BYTES >> 20} MiB")
        content = path.read_bytes()
        document = msgspec.json.decode(content)
        if bundles.recognises(document):
            return _manifest(*_of_bundle(content, signer, path), str(path))
        envelope = msgspec.convert(document, Envelope)
        if envelope.payloadType != IN_TOTO:
            raise InputError("the envelope holds no statement", where=str(path), expected=IN_TOTO)
        signed_by = signers(envelope, trusted)
        if trusted and not signed_by:
            raise InputError(
                "nobody whom you trust signed the manifest",
                where=str(path),
                advice="compare with none but a signed one",
            )
        return _manifest(envelope.content, signed_by, str(path))
    except OSError as error:
        raise InputError(f"the manifest cannot be read: {error.strerror}", where=str(path)) from None
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"this is no manifest: {error}", where=str(path)) from None


_BESIDE = re.compile(r"\.(?:sigstore(?:\.json)?|bundle)$")
"""How a bundle is named that lies beside the file which it signs."""


def _of_bundle(content: bytes, signer: Signer | None, path: Path) -> tuple[bytes, set[str]]:
    if signer is None:
        raise InputError("a bundle is checked against a root", where=str(path), advice="name it: --sigstore-root FILE")
    beside = path.with_name(_BESIDE.sub("", path.name))
    is_there = beside != path and beside.is_file() and beside.stat().st_size <= MOST_BYTES
    artifact = beside.read_bytes() if is_there else None
    return bundles.statement_in(content, signer, str(path), artifact), {signer.name}


def _manifest(content: bytes, signed_by: set[str], where: str) -> Manifest:
    """Return the manifest that a statement is; one with another predicate, such as SLSA's, approves its subjects."""
    bare = msgspec.json.decode(content, type=_Bare)
    if bare.type != STATEMENT:
        raise InputError("this is no statement of in-toto", where=where, expected=STATEMENT)
    about = Approved(made="") if bare.predicateType != APPROVED else msgspec.json.decode(bare.predicate, type=Approved)
    return Manifest(Statement(subject=bare.subject, predicate=about), frozenset(signed_by))


def _subject(path: str, digest: str) -> Subject:
    if digest.startswith(LINK):
        target = digest.removeprefix(LINK)
        return Subject(path, {"sha256": hashlib.sha256(target.encode()).hexdigest()}, {"link": target})
    return Subject(path, {"sha256": digest})
