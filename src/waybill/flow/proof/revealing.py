"""Who may see what a record of the ledger says: whoever may see the thing it is about, as far as the own reach goes.

That something was recorded, when and with which proof, is for everybody who may read the ledger.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from waybill.access.reach import Reach
from waybill.access.roles import Permission
from waybill.cases import journal
from waybill.findings import queries
from waybill.flow.cases.opening import covers
from waybill.flow.inquiry import within
from waybill.flow.telling import is_withheld
from waybill.model.register import RegisterSnapshot
from waybill.outbox.kinds import Kind
from waybill.outbox.leaves import groups_of
from waybill.outbox.models import Row

PERMISSIONS = {
    Kind.FINDING: Permission.FINDINGS_READ,
    Kind.DECISION: Permission.FINDINGS_READ,
    Kind.EXCEPTION: Permission.FINDINGS_READ,
    Kind.CASE: Permission.CASES_READ,
    Kind.ROTA: Permission.DUTY_READ,
    Kind.ASSET: Permission.REGISTER_READ,
    Kind.PARTY: Permission.REGISTER_READ,
    Kind.PLACE: Permission.REGISTER_READ,
    Kind.DISCLOSURE: Permission.REGISTER_READ,
    Kind.DUTY: Permission.REGISTER_READ,
    Kind.PRICE: Permission.REGISTER_READ,
    Kind.PERMIT: Permission.PERMITS_READ,
    Kind.PERMIT_REQUEST: Permission.PERMITS_READ,
    Kind.UNMASKING: Permission.PEOPLE_READ,
    Kind.ASSESSMENT: Permission.TRANSFERS_ASSESS,
    Kind.BATCH: Permission.LEDGER_READ,
}
"""What it takes to see what a record of a kind says; of all others, the settings, since they tell of the service."""


def groups_for(row: Row, reach: Callable[[Permission], Reach], register: RegisterSnapshot) -> set[str]:
    """Return the groups of a record that may be shown to whoever has this reach, by permission.

    Of a finding that withholds who acted none is shown that points there.
    """
    groups = set(groups_of(row.content))
    if not groups:
        return groups
    kind = Kind(row.kind)
    reached = reach(PERMISSIONS.get(kind, Permission.SETTINGS_READ))
    if kind is Kind.CASE:
        number = journal.number_of(row.reference)
        return groups if reached and covers(reached, register, number) else set()
    if kind not in {Kind.FINDING, Kind.DECISION}:
        return groups if _lies_within(row, reached, register) else set()
    finding = queries.get(row.reference).finding
    fits = within(reached, register)
    if fits is not None and not fits(finding):
        return set()
    return groups & {"when"} if is_withheld(finding, register.asset_of(finding.asset)) else groups


def _lies_within(row: Row, reach: Reach, register: RegisterSnapshot) -> bool:
    """Return whether a record lies within a reach. A bounded one covers what names one of its assets, and batches.

    What is about no asset, such as a party or a request for a name, is for those alone whose reach has no bounds.
    """
    if reach.is_whole or (reach and row.kind == Kind.BATCH):
        return True
    if row.kind == Kind.EXCEPTION:  # what it covers goes by names in logs, of whoever's findings
        return False
    id = row.reference if row.kind == Kind.ASSET else _asset_of(row.content)
    asset = register.asset(id)
    return asset is not None and reach.covers(asset.owner, asset.grade)


def _asset_of(content: str) -> str:
    """Return the asset that a permit, a request for one or a price names; empty without one."""
    what = msgspec.json.decode(groups_of(content).get("what", b"{}"))
    named = what.get("asset") or what.get("terms", {}).get("asset")
    return named if isinstance(named, str) else ""
