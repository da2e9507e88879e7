"""Locks the account of a person in an LDAP directory, so that it binds no more (``pwdAccountLockedTime``, ppolicy).

A directory heeds that attribute only under a password policy with ``pwdLockout``: without one it takes the change and
lets the account in all the same. So the policy is looked at as well before a lock counts as in force.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from waybill.respond.acting import Arguments, Before, Connector, ConnectorError

LOCKED = "000001010000Z"
"""What the attribute holds for a lock without an end (draft-behera-ldap-password-policy, 5.3.3)."""

ATTRIBUTE = "pwdAccountLockedTime"
SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the accounts are, and as whom they may be changed."""

    url: str
    base: str
    bind_name: str
    bind_password: str = field(repr=False)
    login_filter: str = "(uid={login})"
    attribute: str = ATTRIBUTE
    locked: str = LOCKED
    policy: str = ""
    """Name of the password policy of the accounts; needed for ``pwdAccountLockedTime``, no other attribute has one."""


@dataclass(frozen=True, slots=True)
class LockAccount(Connector):
    """``ldap.lock``: the account of ``login`` is locked until it is undone."""

    directory: Directory
    name: ClassVar[str] = "ldap.lock"
    arguments: ClassVar[tuple[str, ...]] = ("login",)
    needs_two: ClassVar[bool] = True
    persons: ClassVar[frozenset[str]] = frozenset({"login"})

    def says(self, arguments: Arguments) -> str:
        """Return the call that it would make."""
        here = self.directory
        return f"modify the entry of {arguments['login']} below {here.base}: replace {here.attribute}: {here.locked}"

    def before(self, arguments: Arguments) -> Before:
        """Return whether and since when it is locked now."""
        with self._bound(SECONDS) as connection:
            return {"value": self._value(self._entry(connection, arguments["login"]))}

    def act(self, arguments: Arguments, seconds: float) -> None:
        """Lock it."""
        self._set(arguments["login"], self.directory.locked, seconds)

    def in_force(self, arguments: Arguments) -> bool:
        """Return whether it is locked."""
        with self._bound(SECONDS) as connection:
            return bool(self._value(self._entry(connection, arguments["login"]))) and self._is_heeded(connection)

    def undo(self, arguments: Arguments, before: Before, seconds: float) -> None:
        """Restore what was before; one that was locked by another stays so."""
        self._set(arguments["login"], before.get("value", ""), seconds)

    def _set(self, login: str, value: str, seconds: float) -> None:
        with self._bound(seconds) as connection:
            entry = self._entry(connection, login)
            if self._value(entry) != value:
                connection.modify(
                    entry["dn"], {self.directory.attribute: [(ldap3.MODIFY_REPLACE, [value] if value else [])]}
                )
                self._check(connection)

    def _entry(self, connection: Any, login: str) -> Any:
        here = self.directory
        connection.search(
            here.base,
            here.login_filter.format(login=escape_filter_chars(login)),
            attributes=[here.attribute],
            size_limit=2,
        )
        found = [one for one in connection.response or () if one["type"] == "searchResEntry"]
        if len(found) != 1:
            raise ConnectorError("the directory has not exactly one entry of this login", where=here.base)
        return found[0]

    def _is_heeded(self, connection: Any) -> bool:
        here = self.directory
        if here.attribute != ATTRIBUTE:
            return True
        if not here.policy:
            raise ConnectorError("no password policy is named, so it cannot be seen whether locks are heeded")
        connection.search(here.policy, "(pwdLockout=TRUE)", ldap3.BASE)
        return any(one["type"] == "searchResEntry" for one in connection.response or ())

    def _value(self, entry: Any) -> str:
        values = entry["raw_attributes"].get(self.directory.attribute) or [b""]
        return bytes(values[0]).decode()

    def _check(self, connection: Any) -> None:
        if connection.result["result"]:
            raise ConnectorError(
                f"the directory refuses: {connection.result['description']}", where=self.directory.base
            )

    @contextmanager
    def _bound(self, seconds: float) -> Iterator[Any]:
        here = self.directory
        server = ldap3.Server(here.url, connect_timeout=seconds, get_info=ldap3.NONE)
        connection = ldap3.Connection(
            server, here.bind_name, here.bind_password, receive_timeout=max(1, math.ceil(seconds)), check_names=False
        )
        try:
            if not connection.bind():
                raise ConnectorError("the directory does not let us in", where=here.base)
            yield connection
        except LDAPException as error:
            raise ConnectorError(f"the directory does not answer: {type(error).__name__}", where=here.base) from None
        finally:
            connection.unbind()
