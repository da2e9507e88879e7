"""Reports and filings in the register: those that came as transfers are entered, and accounts of all are given."""

from __future__ import annotations

import pyarrow as pa

from waybill.detect.disclosure import LOGSOURCE, Account, Duties, read, reconcile
from waybill.flow.installation import Installation
from waybill.lake.snapshot import Snapshot
from waybill.model.disclosures import Disclosure
from waybill.register.fields import Kind
from waybill.register.importing import Reading

_REPORTS = f"""
SELECT time, id, source, logsource, asset, actor_org, origin, position, fields
FROM transfers
WHERE logsource = '{LOGSOURCE}' AND sequence > $after
"""  # noqa: S608  # a word of ours
_NEWEST = "SELECT max(least(time, recorded_at)) AS newest FROM transfers"


def enter(installation: Installation, snapshot: Snapshot, *, after: int) -> tuple[str, ...]:
    """Enter into the register the reports that arrived as transfers in log entries above ``after``.

    Entering one twice changes nothing. Returns remarks on reports that the register refuses.
    """
    from waybill.register import records

    reports = _reports(snapshot, after)
    if not reports:
        return ()
    lines = {(Kind.DISCLOSURES, one.id): (one.file, one.position) for one in reports}
    imported = records.import_reading(
        Reading({Kind.DISCLOSURES: list(reports)}, lines=lines),
        installation.pseudonymiser,
        installation.folder.key("identity"),
        partial=True,
    )
    return tuple(f"a report is not entered: {problem.what}" for problem in imported.problems)


def accounts(installation: Installation) -> list[Account]:
    """Return the account of each event that the register or the lake has reports of."""
    register = installation.register()
    with installation.lake.snapshot() as snapshot:
        held = {one.id: one for one in (*_reports(snapshot, 0), *register.disclosures)}
        newest = snapshot.query(_NEWEST)["newest"][0].as_py()
    return reconcile(held.values(), Duties(register.duties), newest)


def _reports(snapshot: Snapshot, after: int) -> list[Disclosure]:
    rows: pa.Table = snapshot.query(_REPORTS, {"after": after})
    return read(rows)[0]
