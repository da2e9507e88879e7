"""Pseudonyms of people: keyed, stable, and the same wherever a person's log-in appears.

Pseudonyms are HMAC-like (BLAKE2b with the installation's key, RFC 7693): without the key nobody can tell or test who
is behind one. Accounts that belong to no person keep their names, since rules ask for them.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType

from waybill.model.words import PartyKind

PREFIX = "p-"
"""How a pseudonym starts."""

OUTWARD = "x-"
"""How the pseudonym of a person for a purpose outside starts."""

_BYTES = 10
"""80 bits, 16 letters: no two of a million people share one (chance 4e-13)."""

_PSEUDONYM = re.compile(r"p-[a-z2-7]{16}(?:@.*)?")
"""A pseudonym, or an address whose name is one already: what was exported may be read again."""

_PLACEHOLDER = re.compile(r"[\W_]*|#-?\d+|n/?a|null|none|unknown|anonymous", re.IGNORECASE)
_MACHINE = re.compile(r"(?:.*\\)?[^\\]+\$", re.DOTALL)
_BUILT_IN_SID = re.compile(r"S-1-(?!5-21-|12-1-)[\d-]+|S-1-5-21-[\d-]+-\d{1,3}", re.IGNORECASE)
_SYSTEM_ACCOUNT = re.compile(r"(?:dwm|umfd)-\d+", re.IGNORECASE)

NOBODY = frozenset(
    {
        "system", "local system", "localsystem", "local service", "network service", "anonymous logon", "iusr",
        "trustedinstaller", "window manager", "font driver host", "authenticated users", "everyone",
        "administrator", "administrators", "guest", "guests", "krbtgt", "defaultaccount", "wdagutilityaccount",
        "public", "default", "default user", "default.migrated", "defaultapppool", "all users", "defaultuser0",
        "root", "daemon", "bin", "sys", "nobody", "www-data", "sshd", "systemd-network", "systemd-resolve",
        "messagebus", "lost+found", "linuxbrew", "shared",
    }
)  # fmt: skip
"""Accounts, groups and user folders that are the same on every system and belong to no person."""


class KeyedPseudonymiser:
    """Implements ``model.protocols.Pseudonymiser`` with one key and the identities that the register knows."""

    def __init__(self, key: bytes, known: Mapping[str, str] | None = None) -> None:
        """Use ``key`` (16 to 64 bytes); ``known`` gives pseudonyms by identity, several identities may share one."""
        if not 16 <= len(key) <= 64:
            raise ValueError("the key of pseudonyms has 16 to 64 bytes")
        self._key = key
        self._known = {identity.casefold(): pseudonym for identity, pseudonym in (known or {}).items()}

    def pseudonym(self, identity: str, kind: PartyKind) -> str:
        """Return the pseudonym of a person; the identity itself if it is no person's.

        Case does not matter, and an account of a Windows domain is known by its name alone, since most logs leave
        the domain away; an address is known by the whole of it.
        """
        if kind is not PartyKind.PERSON or self.is_pseudonym(identity):
            return identity
        folded = identity.strip().casefold()
        known = self._known.get(folded)
        if known is not None:
            return known
        account = folded.rpartition("\\")[2]
        if is_nobody(folded, account):
            return identity
        return self._known.get(account) or self._derive(account)

    @staticmethod
    def is_pseudonym(identity: str) -> bool:
        """Return whether this is a pseudonym already, or an address whose name is one."""
        return _PSEUDONYM.fullmatch(identity) is not None

    def known(self) -> Mapping[str, str]:
        """Return pseudonyms by case-folded identity, of the identities that the register knows."""
        return MappingProxyType(self._known)

    def _derive(self, account: str) -> str:
        digest = hashlib.blake2b(account.encode(errors="surrogatepass"), digest_size=_BYTES, key=self._key).digest()
        return PREFIX + base64.b32encode(digest).decode().lower()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(known={len(self._known)})"


def outward(key: bytes, purpose: str, pseudonym: str) -> str:
    """Return what a person is called outside, for one purpose and time (named by ``purpose``).

    Two purposes cannot be joined by it, and without the key nobody can tell who it is inside.
    """
    keyed = hashlib.blake2b(purpose.encode(), digest_size=32, key=key, person=b"outward").digest()
    digest = hashlib.blake2b(pseudonym.encode(), digest_size=_BYTES, key=keyed).digest()
    return OUTWARD + base64.b32encode(digest).decode().lower()


def is_nobody(identity: str, account: str) -> bool:
    """Return whether an identity and the account in it, both in lower case, are well known to be no person's."""
    return (
        account in NOBODY
        or identity.startswith(("nt authority\\", "nt service\\", "builtin\\", "iis apppool\\", "font driver host\\"))
        or any(shape.fullmatch(account) for shape in (_PLACEHOLDER, _MACHINE, _BUILT_IN_SID, _SYSTEM_ACCOUNT))
    )
