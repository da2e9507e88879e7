"""Weak cryptography and settings that switch protection off: judged by what the constants in the code come to.

What is random or comes from outside is silent. What is a parameter is followed to those who call the function.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from waybill.exposure.code.facts import Danger, From, Sink, Source
from waybill.exposure.code.recording import Recorder
from waybill.exposure.code.values import Value, whole

FEWEST_ROUNDS = 1000
"""NIST SP 800-132, 5.2: at least so many iterations."""
_SHORTEST_RSA, _SHORTEST_CURVE = 2048, 224
"""NIST SP 800-131A: bits of keys."""

WEAK_HASHES = re.compile(r"^(?:md[245]|sha-?1?|ripe_?md(?:160)?|md5-sha1|sha)$", re.IGNORECASE)
_WEAK_CIPHERS = re.compile(
    r"(?:^|\.)(?:DES3?|TripleDES|ARC[24]|RC[24]|Blowfish|IDEA|CAST5?|SEED|XOR|des|des3|rc4)(?:\.new)?$"
)
_WEAK_CIPHER_NAMES = re.compile(r"^(?:des|3des|rc[24]|bf|blowfish|idea|cast5|seed)|-ecb$|/ecb/|^aes$", re.IGNORECASE)
_SHORT_CURVES = re.compile(r"(?:secp|sect|prime)(?:1\d\d|20\d)\w*|[pP]-?192", re.IGNORECASE)

Parameters = tuple[tuple[int, tuple[str, ...], Danger], ...]
"""Which parameters of a function must not be fixed: by place, by names, and why."""

_KEYED: tuple[tuple[re.Pattern[str], Parameters], ...] = tuple(
    (re.compile(pattern), parameters)
    for pattern, parameters in (
        (r"(?:Crypto|Cryptodome)\.Cipher\.\w+\.new$|^(?:AES|DES3?|Blowfish|ARC[24]|CAST|ChaCha20\w*|Salsa20)\.new$",
         ((0, ("key",), Danger.KEY), (2, ("iv", "IV", "nonce"), Danger.VECTOR))),
        (r"algorithms\.(?:AES(?:128|256)?|TripleDES|ARC4|Blowfish|CAST5|IDEA|SEED|Camellia|ChaCha20|SM4)$",
         ((0, ("key",), Danger.KEY), (1, ("nonce",), Danger.VECTOR))),
        (r"modes\.(?:CBC|CTR|GCM|OFB|CFB8?|XTS)$",
         ((0, ("initialization_vector", "nonce", "tweak"), Danger.VECTOR),)),
        (r"(?:^|\.)(?:Fernet|AESGCM|AESCCM|AESSIV|AESOCB3|ChaCha20Poly1305|SecretBox)$", ((0, ("key",), Danger.KEY),)),
        (r"(?:AESGCM|AESCCM|AESOCB3|ChaCha20Poly1305)\(\)\.encrypt$", ((0, ("nonce",), Danger.VECTOR),)),
        (r"(?:^|\.)PBKDF2HMAC$", ((2, ("salt",), Danger.SALT), (3, ("iterations",), Danger.ROUNDS))),
        (r"PBKDF2HMAC\(\)\.derive$|Scrypt\(\)\.derive$", ((0, ("key_material",), Danger.KEY),)),
        (r"pbkdf2_hmac$", ((1, ("password",), Danger.KEY), (2, ("salt",), Danger.SALT),
                           (3, ("iterations",), Danger.ROUNDS))),
        (r"KDF\.PBKDF2$|^PBKDF2$", ((0, ("password",), Danger.KEY), (1, ("salt",), Danger.SALT),
                                    (3, ("count", "iterations"), Danger.ROUNDS))),
        (r"KDF\.PBKDF1$", ((0, ("password",), Danger.KEY), (1, ("salt",), Danger.SALT),
                           (3, ("count",), Danger.ROUNDS))),
        (r"(?:hashlib|KDF)\.scrypt$|kdf\.scrypt\.Scrypt$|KDF\.(?:bcrypt|HKDF)$",
         ((1, ("salt",), Danger.SALT),)),
        (r"bcrypt\.hashpw$", ((1, ("salt",), Danger.SALT),)),
        (r"bcrypt\.kdf$", ((0, ("password",), Danger.KEY), (1, ("salt",), Danger.SALT),
                           (3, ("rounds",), Danger.ROUNDS))),
        (r"^hmac\.(?:new|digest)$|hmac\.HMAC$|Hash\.HMAC\.new$", ((0, ("key",), Danger.KEY),)),
        (r"^(?:jwt|jose\.jwt|authlib\.jose\.jwt)\.encode$", ((1, ("key",), Danger.KEY),)),
        (r"^random\.seed$|^random\.Random$|numpy\.random\.seed$|Random\(\)\.seed$", ((0, ("a", "seed"), Danger.SEED),)),
        (r"^crypto\.create(?:Cipher|Decipher)(?:iv)?$",
         ((1, (), Danger.KEY), (2, (), Danger.VECTOR))),
        (r"^crypto\.createHmac$", ((1, (), Danger.KEY),)),
        (r"^crypto\.pbkdf2(?:Sync)?$", ((0, (), Danger.KEY), (1, (), Danger.SALT), (2, (), Danger.ROUNDS))),
        (r"^crypto\.scrypt(?:Sync)?$", ((0, (), Danger.KEY), (1, (), Danger.SALT))),
        (r"^(?:jsonwebtoken|jwt)\.sign$", ((1, (), Danger.KEY),)),
        (r"load_pem_private_key$|BestAvailableEncryption$|\.export_?key$|KeyStore\.load$|load_key_and_certificates$",
         ((1, ("password", "passphrase"), Danger.KEY),)),
    )
)  # fmt: skip

_RANDOM = re.compile(
    r"^random\.(?:random|randint|randrange|choices?|sample|uniform|getrandbits|randbytes|shuffle|gauss|normalvariate|"
    r"betavariate|triangular)$|^Math\.random$|Random\(\)\.\w+$|^numpy\.random\.\w+$"
)
_FUNCTION_HASH = re.compile(r"(?:^|\.)(?:hashlib|Hash|hashes|Crypto\.Hash|Cryptodome\.Hash)\.(\w+?)(?:\.new)?$")
_SWITCHED_OFF = frozenset({"verify", "verify_ssl", "verify_certs", "ssl_verify", "check_hostname", "validate_certs",
                           "rejectUnauthorized", "strictSSL", "tls_verify", "assert_hostname"})  # fmt: skip


def look(walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> None:
    """Note what is wrong with a call as it stands, and what would be if its caller handed over a constant."""
    for check in _checks(callee):
        check(walk, node, callee, arguments, keywords)
    if keywords and not _SWITCHED_OFF.isdisjoint(keywords) and _peer not in _checks(callee):
        _peer(walk, node, callee, arguments, keywords)
    if callee.endswith("set_cookie"):
        secure = keywords.get("secure")
        if secure is None or (secure.known and not secure.const):
            walk.misuse(node, "open-cookie", "set_cookie without secure")
        for one in (*arguments[1:2], *[value for name, value in keywords.items() if name == "value"]):
            walk.sink(node, Danger.GUESSED, callee, whole(one))


Check = Callable[[Recorder, ast.AST, str, Sequence[Value], Mapping[str, Value]], None]


@lru_cache(1 << 14)
def _checks(callee: str) -> tuple[Check, ...]:
    """Return what is to be looked at in a call."""
    found: list[Check] = [_fixed] if _keyed(callee) else []
    found += [check for pattern, check in _CHECKED if pattern.search(callee)]
    return tuple(found)


@lru_cache(1 << 14)
def _keyed(callee: str) -> Parameters:
    return next((parameters for pattern, parameters in _KEYED if pattern.search(callee)), ())


def _fixed(
    walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> None:
    for place, names, danger in _keyed(callee):
        value = next((keywords[name] for name in names if name in keywords), None)
        if value is None and place < len(arguments):
            value = arguments[place]
        if value is None:
            continue
        if value.known:
            if is_fixed(danger, value.const):
                walk.misuse(node, danger, f"{callee}: {_shown(danger, value)}")
        elif sources := frozenset(one for one in whole(value) if one[0] != From.READ):
            walk.sinks.append(Sink(getattr(node, "lineno", 0), danger, callee, sources))
        if danger in {Danger.KEY, Danger.VECTOR, Danger.SALT}:
            walk.sink(node, Danger.GUESSED, callee, whole(value))


def is_fixed(danger: Danger, const: object) -> bool:
    """Return whether a constant must not stand where it does."""
    if danger == Danger.ROUNDS:
        return isinstance(const, int) and 0 < const < FEWEST_ROUNDS
    return const is not None and not isinstance(const, bool) and (danger == Danger.SEED or bool(const))


def _shown(danger: Danger, value: Value) -> str:
    """Return a constant as it may be shown: keys are secrets, even bad ones."""
    return str(value.const) if danger in {Danger.ROUNDS, Danger.SEED} else "a constant"


@lru_cache(1 << 14)
def _is_random(callee: str) -> bool:
    return _RANDOM.search(callee) is not None and "SystemRandom" not in callee


def random_read(walk: Recorder, node: ast.AST, callee: str) -> Value | None:
    """Return a number that can be guessed, if a call makes one."""
    if _is_random(callee):
        return Value(walk.read(node, Source.RANDOM, callee), name=f"{callee}()")
    return None


def _algorithm(
    walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> None:
    method = callee.rpartition(".")[2]
    first = arguments[0].text if arguments else ""
    if found := _FUNCTION_HASH.search(callee):
        name = first if found[1] == "new" else found[1]
        used = keywords.get("usedforsecurity")
        if WEAK_HASHES.match(name) and not (used is not None and used.known and used.const is False):
            walk.misuse(node, "weak-hash", name.upper())
    elif (callee in {"crypto.createHash", "crypto.createHmac"} and WEAK_HASHES.match(first)) or (
        method == "pbkdf2_hmac" and WEAK_HASHES.match(first) and first.lower().startswith("md")
    ):
        walk.misuse(node, "weak-hash", first.upper())
    if _WEAK_CIPHERS.search(callee) and ("ipher" in callee or "algorithms" in callee or method == "new"):
        walk.misuse(node, "weak-cipher", callee.removesuffix(".new").rpartition(".")[2])
    if callee.endswith("modes.ECB") or (
        method == "new" and any(one.name.endswith("MODE_ECB") for one in (*arguments, *keywords.values()))
    ):
        walk.misuse(node, "weak-cipher", "ECB")
    elif method in {"createCipheriv", "createDecipheriv", "createCipher"} and _WEAK_CIPHER_NAMES.search(first):
        walk.misuse(node, "weak-cipher", first)


def _key_length(
    walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> None:
    if re.search(r"(?:RSA|DSA|rsa|dsa|dh)\.generate\w*$|rsa\.newkeys$|generate_key$", callee):
        size = keywords.get("key_size") or keywords.get("bits") or keywords.get("poolsize")
        if size is None:
            numbers = [one for one in arguments if one.known and isinstance(one.const, int) and one.const > 65537 >> 8]
            numbers = [one for one in numbers if one.const not in {65537}]
            size = numbers[0] if numbers else None
        if size is not None and size.known and isinstance(size.const, int) and 0 < size.const < _SHORTEST_RSA:
            walk.misuse(node, "short-key", f"{callee} with {size.const} bits")
    if re.search(r"(?:^|\.)ec\.(?:SECP1\d\dR1|SECT1\d\d\w+|BrainpoolP1\d\d\w*)$", callee):
        walk.misuse(node, "short-key", callee.rpartition(".")[2])
    curve = keywords.get("curve")
    if curve is not None and _SHORT_CURVES.search(curve.text):
        walk.misuse(node, "short-key", curve.text)
    if callee.endswith("generateKeyPairSync") and len(arguments) > 1 and isinstance(arguments[1].items, dict):
        bits = arguments[1].items.get("modulusLength")
        if bits is not None and isinstance(bits.const, int) and bits.const < _SHORTEST_RSA:
            walk.misuse(node, "short-key", f"{bits.const} bits")


def _peer(
    walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> None:
    for name in _SWITCHED_OFF & keywords.keys():
        value = keywords[name]
        if value.known and value.const is False:
            walk.misuse(node, "unverified-peer", f"{callee}({name}=False)")
    for one in (*arguments, *keywords.values()):
        if isinstance(one.items, dict):
            for name in ("rejectUnauthorized", "verify_signature", "strictSSL"):
                told = one.items.get(name)
                if told is not None and told.known and told.const is False:
                    walk.misuse(node, "unverified-peer", f"{callee} with {name} off")
        last = one.name.rpartition(".")[2]
        trusting = "set_missing_host_key_policy" in callee and last.removesuffix("()") in _TRUSTING
        if trusting or (last == "CERT_NONE" and one.name.startswith("ssl.")):
            walk.misuse(node, "unverified-peer", f"{callee}({last})")
        if one.name.startswith("ssl.") and _OLD_PROTOCOL.search(one.name):
            walk.misuse(node, "old-protocol-in-code", last)
    if callee.endswith(("ssl._create_unverified_context", "ssl._create_stdlib_context")):
        walk.misuse(node, "unverified-peer", callee)
    algorithms = keywords.get("algorithms") or keywords.get("algorithm")
    if "jwt" in callee and algorithms is not None and "none" in [one.lower() for one in _texts(algorithms)]:
        walk.misuse(node, "unverified-peer", f"{callee} with the algorithm none")
    _plain(walk, node, callee, arguments)


_TRUSTING = frozenset({"AutoAddPolicy", "WarningPolicy"})
_OLD_PROTOCOL = re.compile(r"^ssl\.(?:PROTOCOL_SSLv\w*|PROTOCOL_TLSv1(?:_1)?|TLSVersion\.(?:SSLv3|TLSv1|TLSv1_1))$")
_LOCAL = re.compile(r"^http://(?:localhost|127\.|0\.0\.0\.0|\[::1\]|10\.|192\.168\.|\w+(?::\d+)?(?:/|$))")
_CLIENTS = re.compile(r"^(?:requests|httpx|urllib3|aiohttp|urllib)\b.*\.(?:get|post|put|patch|delete|request|urlopen)$|"
                      r"^(?:fetch|axios(?:\.\w+)?|http\.get)$")  # fmt: skip


def _plain(walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value]) -> None:
    if _CLIENTS.search(callee) and arguments:
        address = arguments[0].text or (arguments[1].text if len(arguments) > 1 else "")
        if address.startswith("http://") and not _LOCAL.match(address):
            walk.misuse(node, "plain-transport", "http")
    elif callee in {"ftplib.FTP", "telnetlib.Telnet"}:
        walk.misuse(node, "plain-transport", callee)


def _texts(value: Value) -> list[str]:
    return [one.text for one in (value, *value.children())] + (
        [str(one) for one in value.const] if isinstance(value.const, list) else []
    )


_SECRET = re.compile(
    r"(?:^|_)(?:token|secret|passw(?:or)?d|pwd|nonce|salt|iv|otp|csrf|session_?(?:id|key)|(?:api|secret|private|enc\w*|"
    r"aes|session|auth|signing|master)_?key|key|credential|verification_?code|reset_?code|remember_?me\w*)s?$",
    re.IGNORECASE,
)


@lru_cache(1 << 14)
def is_secret_name(name: str) -> bool:
    """Return whether what has this name must not be guessed."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return _SECRET.search(plain) is not None


_CHECKED: tuple[tuple[re.Pattern[str], Check], ...] = (
    (re.compile(r"ash|md[245]|MD5|sha|SHA|digest|hmac|pbkdf2|ipher|modes|algorithms|\.new$"), _algorithm),
    (re.compile(r"[Gg]enerate|newkeys|(?:^|\.)ec\.|KeyPair|Signing|ecdsa"), _key_length),
    (re.compile(r"ssl|SSL|request|[Hh]ttp|jwt|paramiko|[Cc]lient|urlopen|fetch|axios|polic|ontext|tls|TLS|Agent|ftplib|"
                r"telnetlib|[Ss]ession|wrap"), _peer),
)  # fmt: skip
"""What is looked at in calls by their names."""
