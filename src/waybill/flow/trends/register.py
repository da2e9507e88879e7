"""The incident register of an installation: files come in, cases are closed into it, exports go out.

Records that cannot be taken rest sealed in a quarantine of their own, below that of the logs, with their reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from waybill.cases import journal, judging, queries
from waybill.cases.acting import acting
from waybill.cases.words import Act, CaseState
from waybill.durable import replace_file, storage_faults
from waybill.flow.cases import opening as case_flow
from waybill.flow.installation import Installation
from waybill.model.errors import UsageError
from waybill.model.findings import Finding
from waybill.model.words import AssetKind, Intent, Outcome
from waybill.trends import store, veris
from waybill.trends.columns import write_parquet
from waybill.trends.incidents import UNKNOWN, Action, Actor, Asset, Data, Discovery, Incident, Precision, Register
from waybill.trends.reading import Refusal, read
from waybill.trends.store import Added
from waybill.trends.words import Format

if TYPE_CHECKING:
    from waybill.collect import Quarantine

CASES = "cases"
"""Source of the incidents that this installation's own cases are."""

_LONGEST = 100

REGISTER = "incident register"
"""How the journal of a case calls where it went."""


def bring(
    installation: Installation,
    path: Path,
    source: str,
    *,
    who: str,
    format: Format | None = None,
    told: Callable[[int], None] = lambda count: None,
) -> Added:
    """Read a file, folder or archive of incidents into the register, all that can be taken or nothing.

    Raises UsageError for a source that cannot be one, InputError where the file is no such file.
    """
    if not source.strip() or len(source) > _LONGEST or source == CASES:
        raise UsageError("this cannot be the name of a source", where=source, expected=f"a name other than {CASES}")
    taken: list[Incident] = []
    refused: list[Refusal] = []
    for one in read(path, source, format):
        if isinstance(one, Incident):
            taken.append(one)
        else:
            refused.append(one)
        told(1)
    _set_aside(installation, source, refused)
    return store.add_incidents(source, taken, refused=len(refused), who=who)


def refusals(installation: Installation) -> list[dict[str, object]]:
    """Return what may be shown of the records that were not taken."""
    return [msgspec.to_builtins(one) for one in _quarantine(installation).entries()]


def register(source: str = "") -> Register:
    """Return the incidents of a source, or of all."""
    return store.register([source] if source else [])


def export_veris(register: Register, target: Path) -> int:
    """Write incidents as VERIS JSON, one in each line; returns how many."""
    lines = [msgspec.json.encode(veris.write(one)) + b"\n" for one in register.incidents]
    with storage_faults("the file cannot be written", target):
        replace_file(target, b"".join(lines))
    return len(lines)


def export_parquet(register: Register, folder: Path) -> int:
    """Write the six tables as Parquet files into a folder; returns how many incidents they hold."""
    write_parquet(register.incidents, folder)
    return len(register.incidents)


def close_case(installation: Installation, number: int, *, who: str, reason: str) -> Added:
    """Close a case and enter it into the register, or enter it anew as it stands now. Raises UsageError.

    What the register takes names nobody: kinds of actors, of assets and of data, and the case's number.
    """
    case = queries.get(number)
    if case.state is not CaseState.CLOSED:
        judging.set_state(number, CaseState.CLOSED, who=who, reason=reason)
        case = queries.get(number)
    incident = incident_of(installation, case)
    with acting(number, who=who, reason=reason) as row:
        added = store.add_incidents(CASES, [incident], refused=0, who=who)
        journal.write(row, Act.EXPORTED, who=who, at=datetime.now(UTC), what={"name": REGISTER}, reason=reason.strip())
    return added


def incident_of(installation: Installation, case: queries.Case) -> Incident:
    """Return a case as the register keeps it."""
    register = installation.register()
    findings = [item.finding for item in case_flow.findings_of(case.number)]
    assets = [asset for one in findings if (asset := register.asset_of(one.asset)) is not None]
    kinds = list(dict.fromkeys(asset.kind for asset in assets))
    owners = sorted({asset.owner for asset in assets if asset.owner})
    days = (case.opened_at.date() - case.first.date()).days
    return Incident(
        source=CASES,
        id=f"case-{case.number}",
        occurred=case.first.date(),
        precision=Precision.DAY,
        coded_at=datetime.now(UTC).date(),
        disclosed=_disclosed(findings),
        intent=case.intent,
        origin=case.origin,
        victim=owners[0] if len(owners) == 1 else "",
        records=case.harm.persons if case.harm is not None else None,
        discovery_value=float(days) if days >= 0 else None,
        discovery_unit="Days" if days >= 0 else UNKNOWN,
        public_interest=case.withheld,
        actions=(_ACTIONS[case.intent],),
        actors=(Actor("unknown" if case.withheld or not any(one.subject for one in findings) else "internal"),),
        data=tuple(dict.fromkeys(Data(_DATA.get(kind, UNKNOWN)) for kind in kinds)),
        assets=tuple(dict.fromkeys(Asset(_ASSETS.get(kind, UNKNOWN)) for kind in kinds)) or (Asset(UNKNOWN),),
        discoveries=(Discovery("internal", "Data loss prevention"),),
    )


_ACTIONS = {
    Intent.ACCIDENT: Action("error"),
    Intent.DELIBERATE: Action("misuse"),
    Intent.UNKNOWN: Action("unknown"),
}
_DATA = {
    AssetKind.CODE: "Source code",
    AssetKind.CREDENTIAL: "Credentials",
    AssetKind.DOCUMENT: "Internal",
    AssetKind.KNOW_HOW: "Secrets",
}
_ASSETS = {
    AssetKind.CODE: "S - Code repository",
    AssetKind.DATA: "S - Database",
    AssetKind.DOCUMENT: "S - File",
    AssetKind.DEVICE: "U - Other",
}


def _disclosed(findings: Iterable[Finding]) -> str:
    outcomes = {one.outcome for one in findings}
    if Outcome.SUCCESS in outcomes:
        return "Yes"
    return "No" if outcomes and outcomes <= {Outcome.BLOCKED, Outcome.FAILURE} else UNKNOWN


def _set_aside(installation: Installation, source: str, refused: Iterable[Refusal]) -> None:
    from waybill.collect.plan import Rejected

    _quarantine(installation).add(
        [
            Rejected(
                source=source,
                file=one.file,
                position=one.position,
                field=one.field,
                reason=one.reason,
                expected=one.expected,
                advice="mend the record and import it again",
                raw=one.raw,
            )
            for one in refused
        ]
    )


def _quarantine(installation: Installation) -> Quarantine:
    from waybill.collect import Quarantine

    return Quarantine(installation.folder.refused_incidents, installation.folder.key("quarantine"))
