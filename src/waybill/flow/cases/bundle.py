"""The form of an evidence bundle, and checking one: needs the file, and a policy to believe; no installation.

::

    MANIFEST.json      SHA-256 of every other file, the case, when it was made and by which version
    SIGNATURE          a signed note (c2sp.org/signed-note) over the manifest, by the key of the ledger
    policy             the policy of the ledger (c2sp.org/tlog-policy); whoever checks may name a better one
    case.json          the case: findings, journal, clocks, tasks, evidence by hash
    report.html        the same to be read
    report.pdf         the same to be printed and handed on; its foot names the digest of case.json
    records.ndjson     the transfers, with the records that they were made from, as far as they may be shown
    proofs/ID.json     for each act and finding of the case, and for transfers: what was recorded, with its proof

A transfer, an act or a finding without a proof in the bundle is counted as such: what is not proved is not damaged.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from waybill.ledger import Note, Policy
from waybill.ledger.disclosure import Disclosure
from waybill.model.errors import DamagedError, InputError, WaybillError

MANIFEST, SIGNATURE, POLICY, CASE, REPORT, PDF, RECORDS = (
    "MANIFEST.json", "SIGNATURE", "policy", "case.json", "report.html", "report.pdf", "records.ndjson",
)  # fmt: skip
PROOFS = "proofs/"
_Content = TypeVar("_Content")
FORMAT = 1

MOST_FILES, MOST_BYTES = 20_000, 2 << 30
"""A bundle with more, or that unpacks to more, is not read."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle is of."""

    bundle: int = FORMAT
    case: int
    made_at: datetime
    version: str
    files: dict[str, str]
    """SHA-256 as hex, by name."""


@dataclass(slots=True)
class Checked:
    """What checking a bundle found."""

    case: int
    made_at: datetime
    origin: str
    """The log that signed it, if the signature holds."""
    proofs: int = 0
    """Records shown whose proofs hold."""
    transfers: int = 0
    transfers_proved: int = 0
    acts: int = 0
    acts_proved: int = 0
    findings: int = 0
    findings_proved: int = 0
    witnesses: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """What is wrong, each with the file; empty if nothing is."""

    @property
    def sound(self) -> bool:
        """Whether everything in the bundle is as it was signed and every proof in it holds."""
        return not self.faults


def signed_text(manifest: bytes, case: int) -> str:
    """Return the text that is signed over a manifest; it can never be read as the checkpoint of a log."""
    return f"waybill-case-bundle/{FORMAT}\ncase-{case}\nsha256 {hashlib.sha256(manifest).hexdigest()}\n"


def verify(file: Path, policy: Policy | None = None) -> Checked:
    """Check a bundle: every byte, the signature, every proof, and that proofs and report speak of the same.

    Without a policy that of the bundle is believed: it then tells that the bundle agrees with itself, not whose it is.
    Raises InputError for a file that is no bundle.
    """
    with _opened(file) as bundle:
        content = _read(bundle, MANIFEST)
        try:
            manifest = msgspec.json.decode(content, type=Manifest)
        except msgspec.DecodeError:
            raise _no_bundle(file) from None
        found = Checked(manifest.case, manifest.made_at, "")
        files = _sound_files(bundle, manifest, found)
        believed = policy or _own_policy(files, found)
        if believed is None:
            return found
        _check_signature(bundle, content, manifest, believed, found)
        shown = dict(_disclosed(files, believed, found))
        _compare(files, shown, found)
    return found


def _own_policy(files: Mapping[str, bytes], found: Checked) -> Policy | None:
    if POLICY not in files:
        found.faults.append(f"{POLICY}: there is none, and none was named")
        return None
    try:
        return Policy.parse(files[POLICY], POLICY)
    except WaybillError as error:
        found.faults.append(f"{POLICY}: {error.what}")
        return None


def _sound_files(bundle: zipfile.ZipFile, manifest: Manifest, found: Checked) -> dict[str, bytes]:
    """Return the files that are as the manifest has them; what is missing, changed or too much is a fault."""
    names = set(bundle.namelist()) - {MANIFEST, SIGNATURE}
    found.faults += [f"{name}: it is not in the manifest" for name in sorted(names - manifest.files.keys())]
    files = {}
    for name, digest in sorted(manifest.files.items()):
        if name not in names:
            found.faults.append(f"{name}: it is missing")
            continue
        content = _read(bundle, name)
        if hashlib.sha256(content).hexdigest() != digest:
            found.faults.append(f"{name}: its bytes are not those that were signed")
            continue
        files[name] = content
    return files


def _check_signature(
    bundle: zipfile.ZipFile, content: bytes, manifest: Manifest, policy: Policy, found: Checked
) -> None:
    try:
        note = Note.parse(_read(bundle, SIGNATURE))
        signers = note.verified([peer.key for peer in policy.logs])
        if note.text != signed_text(content, manifest.case) or not signers:
            raise DamagedError("it is not over this manifest by a log of the policy")
        found.origin = next(iter(signers)).name
    except WaybillError as error:
        found.faults.append(f"{SIGNATURE}: {error.what}")


def _disclosed(files: Mapping[str, bytes], policy: Policy, found: Checked) -> Iterator[tuple[str, Disclosure]]:
    """Yield the records shown whose proofs hold."""
    for name, content in files.items():
        if not name.startswith(PROOFS):
            continue
        try:
            disclosure = Disclosure.parse(content)
            found.witnesses |= disclosure.check(policy).witnesses
        except WaybillError as error:
            found.faults.append(f"{name}: {error.what}")
            continue
        found.proofs += 1
        yield name, disclosure


def _compare(files: Mapping[str, bytes], shown: Mapping[str, Disclosure], found: Checked) -> None:
    """Hold what the bundle tells against what was recorded: acts by what they say, the rest by their ids."""
    case = _told(CASE, files.get(CASE, b"{}"), _Case, found) or _Case()
    said = {act for name, one in shown.items() if (act := _act_of(name, one, found)) is not None}
    acts = [(entry.act, entry.at, entry.reason) for entry in case.entries]
    found.acts, found.acts_proved = len(acts), sum(act in said for act in acts)
    if lied := said - set(acts):
        found.faults.append(f"{CASE}: {len(lied)} recorded acts are not in its journal as they were recorded")
    findings = [member.row.finding.id for member in case.members]
    found.findings = len(findings)
    found.findings_proved = sum(f"{PROOFS}{one}.json" in shown for one in findings)
    moved = {one.member.id.hex() for one in shown.values() if one.member is not None}
    lines = files.get(RECORDS, b"").splitlines()
    records = [_told(f"{RECORDS}, line {number}", line, _Named, found) for number, line in enumerate(lines, 1)]
    found.transfers = len(records)
    found.transfers_proved = sum(one is not None and one.id in moved for one in records)


class _Named(msgspec.Struct):
    id: str


class _Row(msgspec.Struct):
    finding: _Named


class _Member(msgspec.Struct):
    row: _Row


class _Entry(msgspec.Struct):
    act: str
    at: datetime
    reason: str


class _Case(msgspec.Struct):
    """What a bundle tells of its case, as far as it is held against what was recorded."""

    entries: list[_Entry] = []
    members: list[_Member] = []


class _Happened(msgspec.Struct):
    time: datetime


class _Done(msgspec.Struct):
    act: str


class _Decided(msgspec.Struct):
    reason: str = ""


def _act_of(name: str, one: Disclosure, found: Checked) -> tuple[str, datetime, str] | None:
    """Return an act as it was recorded: which, when, why. None for other records, and where somebody was erased."""
    if one.kind != "case" or not {"what", "when"} <= one.groups.keys() or "decision" in one.hidden:
        return None
    groups = {group: shown.value for group, shown in one.groups.items()}
    try:
        done = msgspec.convert(groups["what"], _Done)
        at = msgspec.convert(groups["when"], _Happened).time
        return done.act, at, msgspec.convert(groups.get("decision", {}), _Decided).reason
    except msgspec.ValidationError:
        found.faults.append(f"{name}: it is no record of an act")
        return None


def _told(name: str, content: bytes, type: type[_Content], found: Checked) -> _Content | None:
    """Return what a file of a bundle says; one that says something else is a fault."""
    try:
        return msgspec.json.decode(content, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found.faults.append(f"{name}: it does not say what such a file says")
        return None


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as bundle:
            infos = bundle.infolist()
            if len(infos) > MOST_FILES or sum(one.file_size for one in infos) > MOST_BYTES:
                raise InputError("the bundle is too large", where=str(file), expected=f"at most {MOST_BYTES} bytes")
            if len({one.filename for one in infos}) < len(infos):
                raise InputError("the bundle holds two files of one name", where=str(file))
            yield bundle
    except zipfile.BadZipFile:
        raise _no_bundle(file) from None
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=str(file)) from None


def _read(bundle: zipfile.ZipFile, name: str) -> bytes:
    """Return a file of a bundle, no longer than it says: zipfile checks length and sum of what it unpacks."""
    try:
        return bundle.read(name)
    except (KeyError, RuntimeError, NotImplementedError, EOFError, zlib.error):  # locked, of a kind unknown, cut short
        raise _no_bundle(Path(bundle.filename or "")) from None


def _no_bundle(file: Path) -> InputError:
    return InputError("this is no evidence bundle", where=str(file), expected="what `waybill case export` wrote")
