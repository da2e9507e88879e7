"""Logins of the console: each is known by its pseudonym, as in the logs, and sealed like every name."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from waybill.collect.names import KnownNames
from waybill.collect.patterns import replace_people_in_line
from waybill.flow.installation import Installation
from waybill.model.errors import DamagedError, UsageError
from waybill.model.words import PartyKind
from waybill.outbox.subjects import person
from waybill.register.pseudonyms import PREFIX, KeyedPseudonymiser

_LOGIN = re.compile(r"[^\s\x00-\x1f\x7f]{1,100}")
_NONCE_BYTES = 12
_FACTOR = b"waybill second factor 1"


def pseudonym_of(installation: Installation, login: str) -> str:
    """Return the pseudonym of a login, the same for ever: what the register learns of a person does not change it."""
    return KeyedPseudonymiser(installation.folder.key("pseudonym")).pseudonym(login, PartyKind.PERSON)


def may_be_login(installation: Installation, login: str) -> bool:
    """Return whether this can be the login of a person: no account that every system has, nor a pseudonym."""
    pseudonym = pseudonym_of(installation, login)
    return bool(_LOGIN.fullmatch(login)) and pseudonym.startswith(PREFIX) and pseudonym != login


def introduce(installation: Installation, login: str) -> str:
    """Return the pseudonym of a login and keep the login sealed.

    Raises UsageError for what no person has: accounts are for people, each for one.
    """
    if not may_be_login(installation, login):
        raise UsageError(
            "this cannot be the login of a person",
            where=login,
            expected="a name of one person without spaces, such as li.na or li.na@example.com",
        )
    pseudonym = pseudonym_of(installation, login)
    installation.seal({pseudonym: (login, PartyKind.PERSON)})
    return pseudonym


def login_of(installation: Installation, pseudonym: str) -> str:
    """Return the login of an account; its pseudonym where the name was erased."""
    from waybill.register import identities

    try:
        return identities.identity_of(pseudonym, installation.folder.key("identity"))[0]
    except UsageError:
        return pseudonym


def pseudonymiser(installation: Installation) -> KeyedPseudonymiser:
    """Return the pseudonyms of everybody whom the register knows now; that of the installation may be older."""
    from waybill.register import identities

    known = identities.known(installation.folder.key("identity"))
    return KeyedPseudonymiser(installation.folder.key("pseudonym"), known)


def without_names(installation: Installation, text: str) -> str:
    """Return a text that somebody typed, with people replaced as in logs: addresses, and whom the register knows."""
    return hiding(pseudonymiser(installation))(text)


def hiding(known: KeyedPseudonymiser) -> Callable[[str], str]:
    """Return what does that to many texts."""
    names = KnownNames(known.known())

    def hidden(text: str) -> str:
        told = replace_people_in_line(text, lambda name: known.pseudonym(name, PartyKind.PERSON))
        return names.replace(told, lambda pseudonym, name: None)

    return hidden


def acts_as(installation: Installation, login: str) -> str:
    """Return as whom a login acts: by the pseudonym that it has in the console, which is sealed; or as no person."""
    return introduce(installation, login) if may_be_login(installation, login) else login


def asset_concerned(installation: Installation, pseudonym: str, finding: str) -> str:
    """Return the id of the registered asset that a wish to see a person's name is about; empty without one.

    It is that of the finding, which must be about the person. Without one, it is an asset of public interest if any
    finding about the person concerns one: leaving the finding out must not change who decides. Raises UsageError.
    """
    from waybill.findings import queries

    register = installation.register()
    if finding:
        found = queries.get(finding).finding
        if person(found.subject) != pseudonym:
            raise UsageError("There is no such finding.", where=finding)
        asset = register.asset_of(found.asset)
        return asset.id if asset else ""
    about = queries.every(queries.Filter(subject=pseudonym, states=queries.ALL_STATES))
    assets = (register.asset_of(stored.finding.asset) for stored in about)
    return next((asset.id for asset in assets if asset is not None and asset.public_interest), "")


def link(installation: Installation, secret: str, address: str = "") -> str:
    """Return the address at which an invitation opens; ``address`` is where the console is, if that must be said."""
    names = installation.settings.serve_names
    base = address or (f"https://{names[0]}" if names else "http://localhost:8080")
    return f"{base.rstrip('/')}/join/{secret}"


def first_link(installation: Installation, address: str) -> str | None:
    """Return a new link for the first administrator; None where there are accounts already."""
    from waybill.access import accounts, invitations

    return None if accounts.every() else link(installation, invitations.invite(None), address)


def first_link_file(installation: Installation) -> Path:
    """Return where that link is put when no terminal can show it; nobody but the owner of the folder reads it."""
    return installation.folder.root / "first-link"


def sealed(installation: Installation, text: str) -> str:
    """Return a secret of an account as it rests: AES-256-GCM under a key that is not in the database."""
    nonce = os.urandom(_NONCE_BYTES)
    box = AESGCM(installation.folder.key("factors")).encrypt(nonce, text.encode(), _FACTOR)
    return base64.b64encode(nonce + box).decode()


def unsealed(installation: Installation, text: str) -> str:
    """Return a secret in the clear. Raises DamagedError if the key or a byte is not that of the sealing."""
    box = base64.b64decode(text)
    try:
        clear = AESGCM(installation.folder.key("factors")).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], _FACTOR)
    except (InvalidTag, ValueError):
        raise DamagedError("a sealed second factor does not open", where="the key `factors`") from None
    return clear.decode()
