"""How runs rest: people under pseudonyms, secrets not at all, and beside that, sealed, what was told exactly.

A connector must be told a login as its system knows it. That is sealed with AES-256-GCM, bound to its row, under the
key that identities are sealed with; all that can be read names people by pseudonym, as everywhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from waybill.control import scrub, storage_faults
from waybill.model.errors import DamagedError
from waybill.respond import models
from waybill.respond.acting import Connector, Connectors
from waybill.respond.playbook import Playbook, used

SECRET = "[sealed]"  # noqa: S105  it stands where a secret does not
"""Stands for what nobody may see."""

_NONCE_BYTES = 12
_CONTEXT = b"waybill run 1\0"

Content = TypeVar("Content")
Disguise = Callable[[str], str]
"""Returns a text as it may rest and be shown."""


@dataclass(frozen=True, slots=True)
class Names:
    """What an installation knows of people, as far as runs need it."""

    key: bytes = field(repr=False)
    hide: Callable[[str], str]
    """Returns a text with people replaced, as in logs: addresses, and whom the register knows."""
    pseudonym: Callable[[str], str]
    """Returns the pseudonym of a login; of no person's, or a pseudonym, itself."""
    login: Callable[[str], str]
    """Returns the login behind a pseudonym; anything else as it is. Raises UsageError where nobody knows it."""

    def seal(self, place: str, content: object) -> bytes:
        """Return content sealed for a place: nothing that was sealed for another opens there."""
        return _sealed(self.key, place, msgspec.json.encode(content))

    def unseal(self, place: str, sealed: bytes, type: type[Content]) -> Content:
        """Return content in the clear. Raises DamagedError if the key, the place or a byte is another."""
        return msgspec.json.decode(_opened(self.key, place, sealed), type=type)


@dataclass(frozen=True, slots=True)
class Tools:
    """What runs act with: the connectors that are set up, and how people are named."""

    connectors: Connectors
    names: Names


def told_values(tools: Tools, playbooks: Sequence[Playbook], values: Mapping[str, str]) -> dict[str, str]:
    """Return values of variables as they may rest: by what connectors are told with them, else as any text."""
    persons = _variables(tools.connectors, playbooks, lambda connector: connector.persons)
    secrets = _variables(tools.connectors, playbooks, lambda connector: connector.secrets)

    def told(name: str, value: str) -> str:
        if name in secrets:
            return SECRET
        return tools.names.pseudonym(value) if name in persons else tools.names.hide(value)

    return {name: told(name, value) for name, value in values.items()}


def exact_values(tools: Tools, playbooks: Sequence[Playbook], values: Mapping[str, str]) -> dict[str, str]:
    """Return values as connectors need them: who was given by pseudonym by the login. Raises UsageError."""
    persons = _variables(tools.connectors, playbooks, lambda connector: connector.persons)
    return {name: tools.names.login(value) if name in persons else value for name, value in values.items()}


def disguise(names: Names, exact: Mapping[str, str], told: Mapping[str, str]) -> Disguise:
    """Return how texts made of these values rest: with the values as they rest, and nobody else named either."""
    shown = {value: told[name] for name, value in exact.items() if value and told.get(name, value) != value}
    longest = sorted(shown, key=lambda value: (-len(value), value))
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(value)}(?!\w)" for value in longest)) if shown else None

    def hidden(text: str) -> str:
        return names.hide(pattern.sub(lambda match: shown[match[0]], text) if pattern else text)

    return hidden


def told_arguments(
    names: Names, connector: Connector | None, exact: Mapping[str, str], hidden: Disguise
) -> dict[str, str]:
    """Return the arguments of a command as they may rest."""

    def told(name: str, value: str) -> str:
        if connector is not None and name in connector.secrets:
            return SECRET
        shown = hidden(value)
        is_person = connector is not None and name in connector.persons and shown == value
        return names.pseudonym(value) if is_person else shown

    return {name: told(name, value) for name, value in exact.items()}


def reseal(keys: Sequence[bytes], new: bytes) -> int:
    """Seal anew what runs hold, whichever of ``keys`` it is sealed with; all or none. Returns how many rows."""
    count = 0
    with storage_faults(), transaction.atomic():
        for table in (models.Run, models.RunAct):
            manager: Any = table._default_manager
            for row in manager.exclude(sealed=b"").order_by("pk").iterator():
                clear = _opened_by_any(keys, row.place, bytes(row.sealed))
                row.sealed = _sealed(new, row.place, clear)
                row.save(update_fields=["sealed"])
                count += 1
    scrub()
    return count


def _variables(
    connectors: Connectors, playbooks: Sequence[Playbook], named: Callable[[Connector], frozenset[str]]
) -> set[str]:
    """Return the variables that such arguments of connectors are made of, in any of the playbooks."""
    commands = [command for one in playbooks for step in one.steps.values() for command in step.commands]
    known = ((command, connectors[command.command]) for command in commands if command.command in connectors)
    return {
        variable
        for command, connector in known
        for argument in named(connector)
        for variable in used(command.arguments.get(argument, ""))
    }


def _sealed(key: bytes, place: str, clear: bytes) -> bytes:
    """Return bytes sealed: a random nonce (NIST SP 800-38D, 96 bits) and the ciphertext."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, _CONTEXT + place.encode())


def _opened(key: bytes, place: str, sealed: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _CONTEXT + place.encode())
    except (InvalidTag, ValueError):
        raise DamagedError(
            "What a run was told does not open.",
            where=place,
            expected="the key it was sealed with, and unchanged bytes",
            advice="Check that the data folder's keys belong to this control database.",
        ) from None


def _opened_by_any(keys: Sequence[bytes], place: str, sealed: bytes) -> bytes:
    *first, last = keys
    for key in first:
        try:
            return _opened(key, place, sealed)
        except DamagedError:
            continue
    return _opened(last, place, sealed)
