"""Private keys that others on the machine may read."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.crypto.certificate import PrivateKey
from waybill.exposure.fixes import Fix, mode_without
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = PrivateKey


def look(thing: PrivateKey, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a key without a passphrase that others on the machine may read."""
    if thing.open_to_others and not thing.locked:
        yield Sighting(
            "key",
            Text(
                f"The private key {thing.place} has no passphrase and others may read it.",
                f"私钥 {thing.place} 无口令且他人可读。",
            ),
        )


def fix(thing: PrivateKey, sighting: Sighting) -> Fix | None:
    """Return what takes every right from others than the owner."""
    return mode_without(thing.place, stat.S_IRWXG | stat.S_IRWXO)
