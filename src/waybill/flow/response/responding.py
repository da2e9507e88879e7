"""Sets up response: the connectors that ``respond.toml`` of the data folder names, and the playbooks beside it.

::

    [ldap]
    url = "ldaps://ldap.example.com"
    base = "ou=people,dc=example,dc=com"
    bind_name = "cn=locker,dc=example,dc=com"
    bind_password = "env:LOCKER_PASSWORD"      # read from the environment; a secret need not stand in the file

    [nftables]
    command = ["sudo", "nft"]

    [s3]
    quarantine = "case-quarantine"

    [postgresql]
    address = "env:LOCKER_DATABASE"

    [oauth]
    revocation = "https://id.example.com/revoke"
    introspection = "https://id.example.com/introspect"
    client_id = "locker"
    client_secret = "env:LOCKER_CLIENT"

    [scim]
    url = "https://accounts.example.com/scim/v2"
    token = "env:LOCKER_TOKEN"

    [notify]
    duty = "env:DUTY_ADDRESS"                  # an address of Apprise: mailtos://…, wecombot://…, dingtalk://…
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from pydantic import SecretStr

from waybill.flow.alerts.receivers import Receiver
from waybill.flow.alerts.receivers import receivers as alerted
from waybill.flow.installation import Installation
from waybill.flow.response import holding
from waybill.model.errors import InputError, UsageError
from waybill.respond.acting import Connector
from waybill.respond.connectors.ldap import Directory, LockAccount
from waybill.respond.connectors.nftables import BlockEgress, Firewall
from waybill.respond.connectors.notifying import SendNotice
from waybill.respond.connectors.oauth import AuthorizationServer, RevokeGrant
from waybill.respond.connectors.postgresql import Database, ShutRole
from waybill.respond.connectors.s3 import QuarantineObject, ShutBucket, Storage
from waybill.respond.connectors.scim import DeactivateAccount, Provisioning
from waybill.respond.playbook import Playbook, library, read

SETTINGS, FOLDER = "respond.toml", "playbooks"
_ENV = "env:"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    ldap: Directory | None = None
    nftables: Firewall | None = None
    s3: Storage | None = None
    postgresql: Database | None = None
    oauth: AuthorizationServer | None = None
    scim: Provisioning | None = None
    notify: dict[str, str] = {}
    """Addresses by the names of receivers."""


Settings = TypeVar("Settings", Directory, Storage, Database, AuthorizationServer, Provisioning)


def connectors(installation: Installation) -> dict[str, Connector]:
    """Return the connectors that are set up. Raises UsageError for a file that cannot be read."""
    file = _settings(installation.folder.root / SETTINGS)
    found: list[Connector] = [holding.permits(installation), holding.shipments(installation)]
    if file.ldap is not None:
        found.append(LockAccount(_with_secrets(file.ldap)))
    if file.nftables is not None:
        found.append(BlockEgress(file.nftables))
    if file.s3 is not None:
        storage = _with_secrets(file.s3)
        found += [QuarantineObject(storage), ShutBucket(storage)]
    if file.postgresql is not None:
        found.append(ShutRole(_with_secrets(file.postgresql)))
    if file.oauth is not None:
        found.append(RevokeGrant(_with_secrets(file.oauth)))
    if file.scim is not None:
        found.append(DeactivateAccount(_with_secrets(file.scim)))
    if file.notify:
        found.append(SendNotice(frozenset(file.notify)))
    return {one.name: one for one in found}


def receivers(installation: Installation) -> dict[str, Receiver]:
    """Return who may be told by playbooks, by name. Raises UsageError for an address that cannot be used."""
    file, key = _settings(installation.folder.root / SETTINGS), installation.folder.key("id")
    addresses = {name: SecretStr(_secret(said)) for name, said in file.notify.items()}
    return {name: one for name, address in addresses.items() for one in alerted([address], key)}


def playbooks(installation: Installation) -> dict[str, Playbook]:
    """Return the playbooks that come with Waybill and those of the data folder, by id; of one id the latter counts."""
    return {one.id: one for one in (*library().values(), *map(read_file, files(installation)))}


def files(installation: Installation) -> list[Path]:
    """Return the files of playbooks in the data folder."""
    return sorted((installation.folder.root / FOLDER).glob("*.json"))


def read_file(file: Path) -> Playbook:
    """Return the playbook in a file, or the one of that name that comes with Waybill. Raises InputError, RuleError."""
    if not file.exists() and (known := library().get(str(file))) is not None:
        return known
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=str(file)) from None
    return read(content, str(file))


def with_called(first: Playbook, known: Iterable[Playbook]) -> list[Playbook]:
    """Return a playbook with those that it may call, and those that they may call, itself first."""
    by_id = {one.id: one for one in known}
    found = {first.id: first}
    waiting = [first]
    while waiting:
        for step in waiting.pop().steps.values():
            called = by_id.get(step.playbook_id)
            if called is not None and called.id not in found:
                found[called.id] = called
                waiting.append(called)
    return list(found.values())


def _settings(file: Path) -> _File:
    try:
        return msgspec.toml.decode(file.read_bytes(), type=_File)
    except FileNotFoundError:
        return _File()
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=str(file)) from None
    except msgspec.DecodeError as error:
        raise UsageError(f"the connectors cannot be set up: {error}", where=str(file)) from None


def _with_secrets(settings: Settings) -> Settings:
    """Return settings with what the environment holds in place of its names."""
    changed: dict[str, Any] = {}
    for one in fields(settings):
        name, said = one.name, getattr(settings, one.name)
        if isinstance(said, str):
            changed[name] = _secret(said)
    return replace(settings, **changed)


def _secret(said: str) -> str:
    """Return what the settings say, or the environment where they name a variable of it."""
    if not said.startswith(_ENV):
        return said
    variable = said.removeprefix(_ENV)
    if variable not in os.environ:
        raise UsageError("a variable of the environment is not set", where=variable)
    return os.environ[variable]
