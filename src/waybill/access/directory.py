"""Asks an LDAP directory (RFC 4511) whether a password is right: finds the one entry of a login and binds as it.

The connection is TLS from the start or by StartTLS, with a certificate that is checked; in the clear only to this very
machine. A login is escaped before it becomes part of a filter (RFC 4515), and an empty password is never sent, since a
directory takes such a bind for an anonymous one (RFC 4513, 5.1.2).
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from waybill.model.errors import StorageError, UsageError

SECONDS = 5
"""How long the directory may take for each answer."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class DirectoryError(StorageError):
    """The directory that knows the passwords does not answer as it should."""


class Verdict(Enum):
    """What a directory says of a login and a password."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """It has no such login."""


class _Tls(ldap3.Tls):  # type: ignore[misc]  # ldap3 is untyped
    """TLS whose certificate and name OpenSSL checks; what ldap3 does itself was given up by Python's ssl."""

    def __init__(self, certificates: Path | None) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = ssl.create_default_context(cafile=str(certificates) if certificates else None)

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Put TLS around the socket of a connection."""
        try:
            wrapped = self._context.wrap_socket(connection.socket, server_hostname=connection.server.host)
        except OSError:
            connection.socket.close()
            raise
        connection.socket = wrapped


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory."""

    url: str
    """``ldaps://HOST[:PORT]``, or ``ldap://HOST[:PORT]`` with StartTLS."""
    base: str
    """Below which entries of people are."""
    filter: str = "(uid={login})"
    bind_name: str = ""
    """As whom entries are looked for; anonymously if empty."""
    bind_password: str = ""
    certificates: Path | None = None
    """Authorities (PEM) that the directory's certificate is checked against; those of the system if none."""

    def check(self) -> None:
        """Raise UsageError for settings that cannot be used."""
        parts = urlsplit(self.url)
        if parts.scheme not in {"ldap", "ldaps"} or not parts.hostname:
            raise UsageError("this is no address of a directory", where="ldap_url", expected="ldaps://ldap.example.com")
        if self.filter.count("{login}") < 1 or not self.base:
            raise UsageError(
                "the directory cannot be searched so",
                where="ldap_filter, ldap_base",
                expected="(uid={login}) and a base",
            )

    def verdict(self, login: str, password: str) -> Verdict:
        """Return what the directory says. Raises DirectoryError if that cannot be found out."""
        if not login or not password:
            return Verdict.WRONG
        try:
            names = self._entries_of(login)
            if len(names) != 1:
                return Verdict.WRONG if names else Verdict.UNKNOWN
            with self._bound(names[0], password) as connection:
                return Verdict.RIGHT if connection is not None else Verdict.WRONG
        except (LDAPException, OSError) as error:
            raise DirectoryError(
                f"the directory cannot be asked ({type(error).__name__})",
                where=urlsplit(self.url).netloc,
                advice="see whether it runs, its certificate, and the settings ldap_…",
            ) from None

    def _entries_of(self, login: str) -> list[str]:
        """Return the names of the entries of a login; more than one is nobody's."""
        wanted = self.filter.replace("{login}", escape_filter_chars(login))
        with self._bound(self.bind_name, self.bind_password) as connection:
            if connection is None:
                raise DirectoryError("the directory refuses the search", where="ldap_bind_name")
            connection.search(self.base, wanted, size_limit=2)
            return [one["dn"] for one in connection.response or () if one["type"] == "searchResEntry"]

    @contextmanager
    def _bound(self, name: str, password: str) -> Iterator[Any | None]:
        """Yield a connection that is bound under a name, or None where the password is wrong."""
        parts = urlsplit(self.url)
        secured = parts.scheme == "ldaps"
        server = ldap3.Server(
            parts.hostname,
            parts.port or (636 if secured else 389),
            use_ssl=secured,
            tls=_Tls(self.certificates),
            get_info=ldap3.NONE,
            connect_timeout=SECONDS,
        )
        connection = ldap3.Connection(
            server,
            name or None,
            password or None,
            authentication=ldap3.SIMPLE if name else ldap3.ANONYMOUS,
            auto_referrals=False,
            receive_timeout=SECONDS,
            read_only=True,
        )
        try:
            connection.open()
            if not secured and parts.hostname not in _LOOPBACK and not connection.start_tls():
                raise DirectoryError("the directory speaks no TLS", where=parts.netloc, advice="use ldaps://")
            yield connection if connection.bind() else None
        finally:
            connection.unbind()
            if connection.socket is not None:
                connection.socket.close()  # where opening failed, ldap3 leaves it open
