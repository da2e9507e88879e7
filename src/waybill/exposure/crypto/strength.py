"""What is weak: said once, for what endpoints offer, what configurations allow and what certificates are made of."""

from __future__ import annotations

import re

LEAST_RSA_BITS = 2048
"""NIST SP 800-131A Rev. 2; GB/T 35276 systems use SM2 instead."""

LEAST_CURVE_BITS = 224

WEAK_HASHES = frozenset({"md2", "md4", "md5", "sha1"})

OLD_PROTOCOLS = frozenset({"SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"})
"""RFC 6176, RFC 7568, RFC 8996."""

_NAMES = {
    "tlsv1": "TLSv1.0",
    "tls1": "TLSv1.0",
    "tls1.0": "TLSv1.0",
    "tls1.1": "TLSv1.1",
    "ssl2": "SSLv2",
    "ssl3": "SSLv3",
}

_WEAK_SUITE = re.compile(
    r"(^|[-_])(NULL|EXP(ORT)?\d*|RC2|RC4|ARCFOUR\d*|DES|3DES|DES3|CBC3|IDEA|SEED|MD5|ANON|ADH|AECDH|BLOWFISH|BF|CAST128)"
    r"([-_]|$)",
    re.IGNORECASE,
)

POST_QUANTUM = re.compile(r"ML-?KEM|KYBER|SNTRUP|FRODO", re.IGNORECASE)
"""Names of key exchanges that withstand a quantum computer, alone or beside a classical one."""


def protocol(name: str) -> str:
    """Return a protocol under its usual name: makers write TLSv1, TLSv1.0, TLS1.0 and tls1 for one thing."""
    found = _NAMES.get(name.strip().lower().removeprefix("+").removeprefix("-"))
    return found or name.strip()


def is_weak_suite(name: str) -> bool:
    """Return whether a cipher, suite or MAC gives away what it should keep, by its OpenSSL, IANA or SSH name."""
    return _WEAK_SUITE.search(name.split("@", maxsplit=1)[0]) is not None
