"""The systems that response is measured on: each set up for a block, with a connector and what to contain there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import psycopg
from tests import postgresql
from tests.access import slapd
from tests.epcis.chain import OXIDE, document, whole_chain
from tests.respond import servers

from waybill.flow.custody.capturing import capture_document
from waybill.flow.installation import Installation
from waybill.flow.response import holding
from waybill.register.importing import read_folder
from waybill.register.records import import_reading
from waybill.respond.acting import Connector
from waybill.respond.connectors.nftables import BlockEgress
from waybill.respond.connectors.notifying import SendNotice
from waybill.respond.connectors.oauth import RevokeGrant
from waybill.respond.connectors.postgresql import Database, ShutRole
from waybill.respond.connectors.s3 import QuarantineObject, ShutBucket
from waybill.respond.connectors.scim import DeactivateAccount

ROUNDS = 40


class Prepared(NamedTuple):
    """What to contain, and how; as many times as there are arguments."""

    connector: Connector
    arguments: list[dict[str, str]]


Prepare = Callable[[ExitStack, Installation, Path], Prepared | None]
"""Sets a system up until the stack is closed; None where it is not installed here."""


def _ldap(stack: ExitStack, here: Installation, folder: Path) -> Prepared | None:
    if not slapd.is_installed():
        return None
    (folder / "ldap").mkdir()
    server = stack.enter_context(servers.directory(folder / "ldap"))
    return Prepared(servers.locking(server), [{"login": slapd.LOGINS[0]}] * ROUNDS)


def _postgresql(stack: ExitStack, here: Installation, folder: Path) -> Prepared | None:
    programs = postgresql.programs()
    if programs is None:
        return None
    server = stack.enter_context(postgresql.running(programs))
    address = server.url(server.create())
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("CREATE ROLE reader LOGIN")
    return Prepared(ShutRole(Database(address)), [{"role": "reader"}] * ROUNDS)


def _nftables(stack: ExitStack, here: Installation, folder: Path) -> Prepared | None:
    if servers.network_problem():
        return None
    firewall = stack.enter_context(servers.network())
    arguments = [{"address": f"192.0.2.{number + 1}", "minutes": "5"} for number in range(ROUNDS)]
    return Prepared(BlockEgress(firewall), arguments)


def _object(stack: ExitStack, here: Installation, folder: Path) -> Prepared:
    storage = stack.enter_context(servers.storage())
    arguments = [{"bucket": "public", "key": f"plan-{number}.dwg"} for number in range(ROUNDS)]
    with storage.client(5.0) as client:
        for one in arguments:
            client.put_object(Bucket="public", Key=one["key"], Body=b"x" * 1_000_000)
    return Prepared(QuarantineObject(storage), arguments)


def _bucket(stack: ExitStack, here: Installation, folder: Path) -> Prepared:
    storage = stack.enter_context(servers.storage())
    return Prepared(ShutBucket(storage), [{"bucket": "public"}] * ROUNDS)


def _grants(stack: ExitStack, here: Installation, folder: Path) -> Prepared:
    grants = stack.enter_context(servers.authorization(folder))
    tokens = [grants.sign_in() for _ in range(ROUNDS)]
    arguments = [{"token": one["refresh_token"], "seen": one["access_token"]} for one in tokens]
    return Prepared(RevokeGrant(grants.server), arguments)


def _accounts(stack: ExitStack, here: Installation, folder: Path) -> Prepared:
    accounts = stack.enter_context(servers.provisioning("li.na"))
    return Prepared(DeactivateAccount(accounts), [{"login": "li.na"}] * ROUNDS)


def _permits(stack: ExitStack, here: Installation, folder: Path) -> Prepared:
    register = folder / "register"
    register.mkdir()
    (register / "assets.csv").write_text("id,name,kind,grade\nlot-7,Lot 7,material,important\n", encoding="utf-8")
    (register / "permits.csv").write_text("id,asset,basis\npermit-1,lot-7,licence 12\n", encoding="utf-8")
    import_reading(read_folder(register), here.pseudonymiser, here.folder.key("identity"))
    return Prepared(holding.permits(here), [{"permit": "permit-1"}] * ROUNDS)


def _shipments(stack: ExitStack, here: Installation, folder: Path) -> Prepared:
    capture_document(here, document(*whole_chain()), submitter="bench")
    return Prepared(holding.shipments(here), [{"item": OXIDE, "permit": "permit-1"}] * ROUNDS)


def _notices(stack: ExitStack, here: Installation, folder: Path) -> Prepared:
    arguments = [{"receiver": "duty", "message": f"held {number}"} for number in range(ROUNDS)]
    return Prepared(SendNotice({"duty"}), arguments)


SYSTEMS: dict[str, Prepare] = {
    "account locked (LDAP)": _ldap,
    "role shut out (PostgreSQL)": _postgresql,
    "egress blocked (nftables)": _nftables,
    "object of 1 MB in quarantine (S3)": _object,
    "bucket shut (S3)": _bucket,
    "grant revoked (OAuth)": _grants,
    "account deactivated (SCIM)": _accounts,
    "permit suspended": _permits,
    "shipment held (EPCIS and permit)": _shipments,
    "message on its way": _notices,
}
"""In the order in which they are measured: shipments need the permit of those before."""
