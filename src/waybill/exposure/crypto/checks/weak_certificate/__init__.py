"""Certificates whose key or signature can be forged."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.crypto.certificate import Certificate
from waybill.exposure.crypto.strength import LEAST_CURVE_BITS, LEAST_RSA_BITS, WEAK_HASHES
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Certificate


def look(thing: Certificate, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a key that is too short and a hash that can be forged."""
    kind, bits = thing.key
    least = {"rsa": LEAST_RSA_BITS, "dsa": LEAST_RSA_BITS, "ec": LEAST_CURVE_BITS}.get(kind, 0)
    if bits < least:
        yield Sighting(
            "key",
            Text(
                f"The certificate of {thing.subject} has a {kind.upper()} key of {bits} bits.",
                f"{thing.subject} 的证书使用 {bits} 位 {kind.upper()} 密钥。",
            ),
        )
    if thing.hash in WEAK_HASHES:
        yield Sighting(
            "hash",
            Text(
                f"The certificate of {thing.subject} is signed with {thing.hash.upper()}.",
                f"{thing.subject} 的证书以 {thing.hash.upper()} 签名。",
            ),
        )
