"""Which parameters of cryptography and of connections must not be what the code says, and what of it is wrong.

Constants are followed from where they are written to here, also through callers, defaults and attributes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from waybill.exposure.code.facts import Danger
from waybill.exposure.code.values import Value

FEWEST_ROUNDS = 1000
"""NIST SP 800-132, 5.2: at least so many iterations."""
_FEWEST: tuple[tuple[str, int], ...] = (("gensalt", 10), ("bcrypt", 10), ("argon2", 2), ("crypt.Scrypt", 1 << 14),
                                        ("scrypt", 1 << 14))  # fmt: skip
"""What counts as rounds where they are not iterations: the exponent of bcrypt, the cost of scrypt (OWASP)."""
SHORTEST_RSA = 2048
"""NIST SP 800-131A: bits of keys."""

WEAK_HASHES = re.compile(r"^(?:md[245]|sha-?1?|ripe_?md(?:-?160)?|md5-sha1|sha)$", re.IGNORECASE)
_HASH_NAME = re.compile(
    r"(?:^|\.)(?:hashlib|Hash|hashes)\.(?:md[245]|MD[245]|sha1?|SHA1?|RIPEMD(?:160)?)(?:\(\)|\.new\(\))?$"
)
_WEAK_CIPHER_NAMES = re.compile(r"^(?:des|3des|rc[24]|bf|blowfish|idea|cast5|seed)|[-_]ecb$|/ecb/|^aes$", re.IGNORECASE)
_MODE = re.compile(r"(?:^|\.)MODE_ECB$|modes\.ECB(?:\(\))?$|PKCS1v15\(\)$")
_NO_CHECK = re.compile(r"^(?:none|cert_none|verify_none)$", re.IGNORECASE)
_NO_CHECK_NAME = re.compile(r"(?:^|\.)(?:CERT_NONE|VERIFY_NONE|verify_none|AutoAddPolicy|WarningPolicy)(?:\(\))?$")
OLD_PROTOCOL = re.compile(
    r"(?:^|\.)(?:PROTOCOL_SSLv\w*|PROTOCOL_TLSv1(?:_1)?|TLSVersion\.(?:SSLv3|TLSv1|TLSv1_1)|"
    r"(?:SSLv2|SSLv3|SSLv23|TLSv1|TLSv1_1)_METHOD)$|^(?:sslv[23]|tlsv1(?:[._]1)?)$"
)
_LOCAL = re.compile(r"^http://(?:localhost|127\.|0\.0\.0\.0|\[::1\]|10\.|192\.168\.|\w+(?::\d+)?(?:/|$))")

Parameters = tuple[tuple[int, tuple[str, ...], Danger], ...]
"""Which parameters of a function must not be fixed: by place, by names, and why."""

_PASSWORD = (1, ("password", "passphrase"), Danger.KEY)

_KEYED: tuple[tuple[re.Pattern[str], Parameters], ...] = tuple(
    (re.compile(pattern), parameters)
    for pattern, parameters in (
        (r"(?:Crypto|Cryptodome)\.Cipher\.\w+\.new$|^(?:AES|DES3?|Blowfish|ARC[24]|CAST|ChaCha20\w*|Salsa20)\.new$",
         ((0, ("key",), Danger.KEY), (1, ("mode",), Danger.CIPHER), (2, ("iv", "IV", "nonce"), Danger.VECTOR))),
        (r"algorithms\.(?:AES(?:128|256)?|TripleDES|ARC4|Blowfish|CAST5|IDEA|SEED|Camellia|ChaCha20|SM4)$",
         ((0, ("key",), Danger.KEY), (1, ("nonce",), Danger.VECTOR))),
        (r"(?:^|\.)modes\.(?:CBC|CTR|GCM|OFB|CFB8?|XTS)$",
         ((0, ("initialization_vector", "nonce", "tweak"), Danger.VECTOR),)),
        (r"(?:^|\.)(?:Fernet|AESGCM|AESCCM|AESSIV|AESOCB3|ChaCha20Poly1305|SecretBox)$", ((0, ("key",), Danger.KEY),)),
        (r"(?:AESGCM|AESCCM|AESOCB3|ChaCha20Poly1305)\(\)\.encrypt$", ((0, ("nonce",), Danger.VECTOR),)),
        (r"SecretBox\(\)\.encrypt$|nacl\.public\.Box\(\)\.encrypt$", ((1, ("nonce",), Danger.VECTOR),)),
        (r"EVP\.Cipher$", ((0, ("alg",), Danger.CIPHER), (1, ("key",), Danger.KEY), (2, ("iv",), Danger.VECTOR))),
        (r"EVP\.MessageDigest$", ((0, ("algo",), Danger.HASH),)),
        (r"(?:^|\.)PBKDF2HMAC$",
         ((0, ("algorithm",), Danger.HASH), (2, ("salt",), Danger.SALT), (3, ("iterations",), Danger.ROUNDS))),
        (r"PBKDF2HMAC\(\)\.derive$|Scrypt\(\)\.derive$", ((0, ("key_material",), Danger.KEY),)),
        (r"pbkdf2_hmac$", ((0, ("hash_name",), Danger.HASH), (1, ("password",), Danger.KEY),
                           (2, ("salt",), Danger.SALT), (3, ("iterations",), Danger.ROUNDS))),
        (r"KDF\.PBKDF2$|^PBKDF2$", ((0, ("password",), Danger.KEY), (1, ("salt",), Danger.SALT),
                                    (3, ("count", "iterations"), Danger.ROUNDS))),
        (r"KDF\.PBKDF1$", ((0, ("password",), Danger.KEY), (1, ("salt",), Danger.SALT),
                           (3, ("count",), Danger.ROUNDS))),
        (r"KDF\.scrypt$", ((0, ("password",), Danger.KEY), (1, ("salt",), Danger.SALT), (3, ("N",), Danger.ROUNDS))),
        (r"hashlib\.scrypt$", ((0, ("password",), Danger.KEY), (9, ("salt",), Danger.SALT),
                               (9, ("n",), Danger.ROUNDS))),
        (r"kdf\.scrypt\.Scrypt$", ((0, ("salt",), Danger.SALT), (2, ("n",), Danger.ROUNDS))),
        (r"KDF\.bcrypt$", ((1, ("cost",), Danger.ROUNDS), (2, ("salt",), Danger.SALT))),
        (r"bcrypt\.hashpw$", ((0, ("password",), Danger.KEY), (1, ("salt",), Danger.SALT))),
        (r"bcrypt\.gensalt$", ((0, ("rounds",), Danger.ROUNDS),)),
        (r"bcrypt\.kdf$", ((0, ("password",), Danger.KEY), (1, ("salt",), Danger.SALT),
                           (3, ("rounds",), Danger.ROUNDS))),
        (r"nacl\.pwhash\.(?:\w+\.)?kdf$", ((1, ("password",), Danger.KEY), (2, ("salt",), Danger.SALT))),
        (r"passlib\.hash\.\w+\.(?:using|hash|encrypt)$",
         ((9, ("salt",), Danger.SALT), (9, ("rounds",), Danger.ROUNDS))),
        (r"^crypt\.crypt$", ((1, ("salt",), Danger.SALT),)),
        (r"^hmac\.(?:new|digest)$|hmac\.HMAC$|Hash\.HMAC\.new$",
         ((0, ("key",), Danger.KEY), (2, ("digestmod", "digest", "algorithm"), Danger.HASH))),
        (r"^hashlib\.new$", ((0, ("name",), Danger.HASH),)),
        (r"^(?:jwt|jose\.jwt|authlib\.jose\.jwt)\.(?:encode|decode)$", ((1, ("key",), Danger.KEY),)),
        (r"itsdangerous\.(?:\w+\.)*\w*(?:Serializer|Signer)$", ((0, ("secret_key",), Danger.KEY),)),
        (r"^random\.seed$|^random\.Random$|Random\(\)\.seed$|numpy\.random\.(?:seed|default_rng|RandomState)$",
         ((0, ("a", "seed"), Danger.SEED),)),
        (r"(?:PublicKey\.)?(?:RSA|DSA|ElGamal)\.generate$|^rsa\.newkeys$|M2Crypto\.(?:RSA|DSA|DH)\.gen_(?:key|params)$",
         ((0, ("bits", "nbits"), Danger.LENGTH),)),
        (r"(?:RSAKey|DSSKey)\.generate$", ((0, ("bits",), Danger.LENGTH),)),
        (r"rsa\.generate_private_key$", ((1, ("key_size",), Danger.LENGTH),)),
        (r"dsa\.generate_(?:private_key|parameters)$", ((0, ("key_size",), Danger.LENGTH),)),
        (r"dh\.generate_parameters$", ((1, ("key_size",), Danger.LENGTH),)),
        (r"PKey\(\)\.generate_key$", ((1, ("bits",), Danger.LENGTH),)),
        (r"^ssl\.SSLContext$", ((0, ("protocol",), Danger.PROTOCOL),)),
        (r"SSL\.Context$", ((0, ("method", "protocol"), Danger.PROTOCOL),)),
        (r"ssl\.wrap_socket$", ((9, ("ssl_version",), Danger.PROTOCOL), (9, ("cert_reqs",), Danger.PEER))),
        (r"SSL\.Context\(\)\.set_verify$", ((0, ("mode",), Danger.PEER),)),
        (r"load_cert_chain$", ((2, ("password",), Danger.KEY),)),
        (r"^crypto\.create(?:Cipher|Decipher)(?:iv)?$",
         ((0, (), Danger.CIPHER), (1, (), Danger.KEY), (2, (), Danger.VECTOR))),
        (r"^crypto\.createHmac$", ((0, (), Danger.HASH), (1, (), Danger.KEY))),
        (r"^crypto\.createHash$", ((0, (), Danger.HASH),)),
        (r"^crypto\.pbkdf2(?:Sync)?$", ((0, (), Danger.KEY), (1, (), Danger.SALT), (2, (), Danger.ROUNDS))),
        (r"^crypto\.scrypt(?:Sync)?$", ((0, (), Danger.KEY), (1, (), Danger.SALT))),
        (r"^(?:jsonwebtoken|jwt)\.sign$", ((1, (), Danger.KEY),)),
        (r"load_pem_private_key$|\.(?:export_?key|exportKey)$|KeyStore\.load$|load_key_and_certificates$",
         (_PASSWORD,)),
        (r"BestAvailableEncryption$", ((0, ("password",), Danger.KEY),)),
        (r"^(?:requests|httpx)\.(?:get|post|put|patch|delete|head|options)$|(?:[Ss]ession|Client)\(\)\."
         r"(?:get|post|put|patch|delete|head|options)$|^urllib\.request\.(?:urlopen|Request)$",
         ((0, ("url",), Danger.PLAIN), (9, ("verify",), Danger.PEER))),
        (r"^(?:requests|httpx)\.request$|(?:[Ss]ession|Client)\(\)\.request$|^urllib3\.request$",
         ((1, ("url",), Danger.PLAIN), (9, ("verify",), Danger.PEER))),
        (r"^httpx\.(?:Async)?Client$", ((9, ("verify",), Danger.PEER), (9, ("base_url",), Danger.PLAIN))),
        (r"^fetch$|^axios(?:\.\w+)?$|^http\.get$", ((0, (), Danger.PLAIN),)),
    )
)  # fmt: skip


@lru_cache(1 << 14)
def parameters_of(callee: str) -> Parameters:
    """Return the parameters of a call that must not be fixed."""
    return next((parameters for pattern, parameters in _KEYED if pattern.search(callee)), ())


def is_fixed(danger: Danger, const: object, callee: str) -> bool:
    """Return whether a constant, or what is named so, must not stand where it does."""
    judge = _JUDGES.get(danger)
    return judge(const, callee) if judge is not None else _is_written(const)


def _is_written(const: object) -> bool:
    if isinstance(const, str | bytes) and const[:15] in {"-----BEGIN PUBL", b"-----BEGIN PUBL"}:
        return False  # everybody may know it
    return const is not None and not isinstance(const, bool) and bool(const)


def _is_short(const: object, callee: str) -> bool:
    return isinstance(const, int) and not isinstance(const, bool) and 0 < const < SHORTEST_RSA


def _is_few(const: object, callee: str) -> bool:
    fewest = next((least for name, least in _FEWEST if name in callee), FEWEST_ROUNDS)
    return isinstance(const, int) and not isinstance(const, bool) and 0 < const < fewest


_JUDGES: Mapping[Danger, Callable[[object, str], bool]] = {
    Danger.ROUNDS: _is_few,
    Danger.LENGTH: _is_short,
    Danger.SEED: lambda const, callee: const is not None and not isinstance(const, bool),
    Danger.HASH: lambda const, callee: isinstance(const, str) and bool(
        WEAK_HASHES.match(const) or _HASH_NAME.search(const)
    ) and not ("pbkdf2" in callee.lower() and "sha" in const.lower()),
    Danger.CIPHER: lambda const, callee: (const == 1 and "Cipher" in callee) if isinstance(const, int) else (
        isinstance(const, str) and bool(_MODE.search(const) or _WEAK_CIPHER_NAMES.search(const))
    ),
    Danger.PEER: lambda const, callee: const is False or (
        isinstance(const, str) and bool(_NO_CHECK.match(const) or _NO_CHECK_NAME.search(const))
    ),
    Danger.PROTOCOL: lambda const, callee: isinstance(const, str) and OLD_PROTOCOL.search(const) is not None,
    Danger.PLAIN: lambda const, callee: isinstance(const, str) and is_plain(const),
}  # fmt: skip


def is_plain(address: str) -> bool:
    """Return whether what goes to an address can be read on the way."""
    return address.startswith("http://") and not _LOCAL.match(address)


_WEAK_NAMES = (_HASH_NAME, _MODE, _NO_CHECK_NAME, OLD_PROTOCOL)


_MOST_BITS = 63
"""Bits of a number that is written down; no rounds, lengths or seeds that are judged have more."""


def constant_in(value: Value) -> bool | int | str | None:
    """Return what a value is, if that is written in the code, or what it is named, if that says what is wrong."""
    if value.known:
        const = value.const.decode("latin-1") if isinstance(value.const, bytes) else value.const
        if isinstance(const, int) and const.bit_length() > _MOST_BITS:
            return None
        return const if isinstance(const, str | int) else None
    if value.name and any(pattern.search(value.name) for pattern in _WEAK_NAMES):
        return value.name
    return None
