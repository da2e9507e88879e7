"""Who is behind a pseudonym: sealed with AES-256-GCM under a key that never rests in the database.

The pseudonym is bound to the seal, so that a sealed identity moved to another pseudonym does not open. The control
database must be open before this module is imported.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.db.models import Q

from waybill.control import scrub, storage_faults
from waybill.model.errors import DamagedError, UsageError
from waybill.model.words import PartyKind
from waybill.register import models

KEY_BYTES = 32
"""Length of the sealing key."""

_NONCE_BYTES = 12
_CONTEXT = b"waybill identity 1\0"
_CHUNK = 500

Identity = tuple[str, PartyKind]
"""A name as the source gave it, and what kind of party bears it."""


def seal(key: bytes, pseudonym: str, identity: Identity) -> bytes:
    """Return ``identity`` sealed for ``pseudonym``: a random nonce (NIST SP 800-38D, 96 bits) and the ciphertext."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, msgspec.json.encode(identity), _CONTEXT + pseudonym.encode())


def unseal(key: bytes, pseudonym: str, sealed: bytes) -> Identity:
    """Return the identity. Raises DamagedError if the key, the pseudonym or a byte is not the one of the sealing."""
    try:
        clear = AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _CONTEXT + pseudonym.encode())
    except (InvalidTag, ValueError):
        raise DamagedError(
            "The sealed identity does not open.",
            where=pseudonym,
            expected="the key it was sealed with, and unchanged bytes",
            advice="Check that the data folder's keys belong to this control database.",
        ) from None
    name, kind = msgspec.json.decode(clear, type=tuple[str, PartyKind])
    return name, kind


def keep(identities: Mapping[str, Identity], key: bytes) -> int:
    """Seal and store the identities that are not stored yet, and return how many those were."""
    if not identities:
        return 0
    with storage_faults(), transaction.atomic():
        missing = sorted(identities.keys() - _stored(sorted(identities)))
        models.Identity.objects.bulk_create(
            (models.Identity(pseudonym=name, sealed=seal(key, name, identities[name])) for name in missing),
            batch_size=_CHUNK,
        )
    return len(missing)


def keep_aliases(aliases: Mapping[str, Sequence[str]], key: bytes) -> None:
    """Seal and store the further names of people, by pseudonym, in place of those they had."""
    with storage_faults(), transaction.atomic():
        people = sorted(aliases)
        for start in range(0, len(people), _CHUNK):
            models.Alias.objects.filter(pseudonym__in=people[start : start + _CHUNK]).delete()
        rows = ((pseudonym, alias) for pseudonym in people for alias in aliases[pseudonym])
        models.Alias.objects.bulk_create(
            (models.Alias(pseudonym=one, sealed=seal(key, one, (alias, PartyKind.PERSON))) for one, alias in rows),
            batch_size=_CHUNK,
        )


def identity_of(pseudonym: str, key: bytes) -> Identity:
    """Return who is behind ``pseudonym``. Raises UsageError if nobody is stored under it."""
    with storage_faults():
        row = models.Identity.objects.filter(pk=pseudonym).first()
    if row is None:
        raise UsageError("No identity is stored under this pseudonym.", where=pseudonym)
    return unseal(key, pseudonym, bytes(row.sealed))


def known(key: bytes) -> dict[str, str]:
    """Return the pseudonyms of the people whom the register lists, by name, for a pseudonymiser to recognise.

    People met in logs alone are left out: a log-in such as ``test`` would be replaced wherever the word stands.
    """
    people = models.Party.objects.filter(kind=PartyKind.PERSON).values("pk")
    with storage_faults():
        rows = [
            *models.Identity.objects.filter(pk__in=people).values_list("pseudonym", "sealed"),
            *models.Alias.objects.filter(pseudonym__in=people).values_list("pseudonym", "sealed"),
        ]
    return {unseal(key, pseudonym, bytes(sealed))[0]: pseudonym for pseudonym, sealed in rows}


def reseal(keys: Sequence[bytes], new: bytes) -> int:
    """Seal every identity and alias anew, whichever of ``keys`` it is sealed with; all or none. Return how many.

    Raises DamagedError if one opens with none of them.
    """
    count = 0
    with storage_faults(), transaction.atomic():
        for table in (models.Identity, models.Alias):
            manager: Any = table._default_manager
            for row in manager.order_by("pk").iterator(_CHUNK):
                row.sealed = seal(new, row.pseudonym, _unseal_any(keys, row.pseudonym, bytes(row.sealed)))
                row.save(update_fields=["sealed"])
                count += 1
    scrub()
    return count


def erase(pseudonym: str) -> int:
    """Remove a person from the register so that no byte remains in the file; return how many rows went or changed.

    Permits of the person go as well: without its party a permit would hold for everybody. The rest of the control
    database and the lake must be asked apart.
    """
    with storage_faults(), transaction.atomic():
        removed = models.Identity.objects.filter(pk=pseudonym).delete()[0]
        removed += models.Alias.objects.filter(pseudonym=pseudonym).delete()[0]
        removed += models.Permit.objects.filter(party=pseudonym).delete()[0]
        removed += models.Party.objects.filter(pk=pseudonym).delete()[0]
        removed += models.Unmasking.objects.filter(pseudonym=pseudonym).delete()[0]
        named = Q(terms__contains=pseudonym) | Q(reason__contains=pseudonym) | Q(answer__contains=pseudonym)
        removed += models.PermitRequest.objects.filter(named).delete()[0]
        removed += models.Asset.objects.filter(owner=pseudonym).update(owner="")
    scrub()
    return removed


def _unseal_any(keys: Sequence[bytes], pseudonym: str, sealed: bytes) -> Identity:
    *first, last = keys
    for key in first:
        try:
            return unseal(key, pseudonym, sealed)
        except DamagedError:
            continue
    return unseal(last, pseudonym, sealed)


def _stored(pseudonyms: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(pseudonyms), _CHUNK):
        chunk = pseudonyms[start : start + _CHUNK]
        found.update(models.Identity.objects.filter(pk__in=chunk).values_list("pk", flat=True))
    return found
