"""Weak cryptography and settings that switch protection off: judged by what the constants in the code come to.

What is random or comes from outside is silent. What is a parameter is followed to those who call the function.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from waybill.exposure.code.facts import Danger, From, Sink
from waybill.exposure.code.fixed import OLD_PROTOCOL, WEAK_HASHES, constant_in, is_fixed, parameters_of
from waybill.exposure.code.recording import Recorder
from waybill.exposure.code.values import Value, whole

_WEAK_CIPHERS = re.compile(
    r"(?:^|\.)(?:DES3?|TripleDES|ARC[24]|RC[24]|Blowfish|IDEA|CAST5?|SEED|XOR|des|triple_des|rc4)(?:\.new)?$"
)
_OF_CIPHERS = re.compile(r"[Cc]ipher|algorithms|pyDes|^(?:DES3?|ARC[24]|Blowfish|CAST)\.new$")
_SHORT_CURVES = re.compile(r"(?:secp|sect|prime)(?:1\d\d|20\d)\w*|[pP]-?192", re.IGNORECASE)
_FUNCTION_HASH = re.compile(r"(?:^|\.)(?:hashlib|Hash|hashes|Crypto\.Hash|Cryptodome\.Hash)\.(\w+?)(?:\.new)?$")
_OLD_CRYPT = re.compile(r"^passlib\.hash\.(?:\w*md5\w*|\w*des\w*|\w*sha1\w*|lmhash|nthash|hex_\w+|ldap_\w+|mysql\w+)\.")
_SWITCHED_OFF = frozenset({"verify_ssl", "verify_certs", "ssl_verify", "check_hostname", "validate_certs",
                           "rejectUnauthorized", "strictSSL", "tls_verify", "assert_hostname"})  # fmt: skip
_TRUSTING = frozenset({"AutoAddPolicy", "WarningPolicy"})


def look(walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> None:
    """Note what is wrong with a call as it stands, and what would be if its caller handed over a constant."""
    for check in _checks(callee):
        check(walk, node, callee, arguments, keywords)
    for name in _SWITCHED_OFF & keywords.keys() if keywords else ():
        if keywords[name].const is False:
            walk.misuse(node, Danger.PEER, f"{callee}({name}=False)")
    if callee.endswith("set_cookie"):
        _cookie(walk, node, callee, arguments, keywords)


Check = Callable[[Recorder, ast.AST, str, Sequence[Value], Mapping[str, Value]], None]


@lru_cache(1 << 14)
def _checks(callee: str) -> tuple[Check, ...]:
    """Return what is to be looked at in a call."""
    found: list[Check] = [_fixed] if parameters_of(callee) else []
    found += [check for pattern, check in _CHECKED if pattern.search(callee)]
    return tuple(found)


def _fixed(
    walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> None:
    used = keywords.get("usedforsecurity")
    if used is not None and used.const is False:
        return
    for place, names, danger in parameters_of(callee):
        value = next((keywords[name] for name in names if name in keywords), None)
        if value is None and place < len(arguments):
            value = arguments[place]
        if value is None:
            continue
        const = value.const if value.known else constant_in(value) or (value.text if danger == Danger.PLAIN else None)
        if const is not None and is_fixed(danger, const, callee):
            walk.misuse(node, danger, f"{callee}: {_shown(danger, const)}")
        elif not value.known and (sources := frozenset(one for one in whole(value) if one[0] != From.READ)):
            walk.sinks.append(Sink(getattr(node, "lineno", 0), danger, callee, sources))
        if danger in {Danger.KEY, Danger.VECTOR, Danger.SALT}:
            walk.sink(node, Danger.GUESSED, callee, whole(value))


def _shown(danger: Danger, const: object) -> str:
    """Return a constant as it may be shown: keys are secrets, even bad ones."""
    return "a constant" if danger in {Danger.KEY, Danger.VECTOR, Danger.SALT} else str(const)[:80]


def digest_of_constant(receiver: Value, method: str) -> bytes | str | None:
    """Return the digest of what is written in the code, which is as good as written there too."""
    if method not in {"digest", "hexdigest"}:
        return None
    name = receiver.name.removeprefix("hashlib.").removesuffix("()")
    data = receiver.parents[1].const if len(receiver.parents) > 1 else None
    if name not in hashlib.algorithms_guaranteed or "shake" in name or not isinstance(data, bytes):
        return None
    made = hashlib.new(name, data, usedforsecurity=False)
    return made.digest() if method == "digest" else made.hexdigest()


def _algorithm(
    walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> None:
    method = callee.rpartition(".")[2]
    used = keywords.get("usedforsecurity")
    found = _FUNCTION_HASH.search(callee)
    if found and WEAK_HASHES.match(found[1]) and not (used is not None and used.const is False):
        walk.misuse(node, Danger.HASH, found[1].upper())
    elif _OLD_CRYPT.match(callee) or (callee == "crypt.crypt" and _is_old_crypt(arguments)):
        walk.misuse(node, Danger.HASH, callee)
    if _WEAK_CIPHERS.search(callee) and _OF_CIPHERS.search(callee):
        walk.misuse(node, Danger.CIPHER, callee.removesuffix(".new").rpartition(".")[2])
    elif callee.endswith(("modes.ECB", "Cipher.PKCS1_v1_5.new")):
        walk.misuse(node, Danger.CIPHER, "ECB" if callee.endswith("ECB") else "PKCS #1 v1.5")
    elif method in {"encrypt", "decrypt"} and any(one.name.endswith("PKCS1v15()") for one in arguments):
        walk.misuse(node, Danger.CIPHER, "PKCS #1 v1.5")


def _is_old_crypt(arguments: Sequence[Value]) -> bool:
    return len(arguments) > 1 and arguments[1].name.endswith(("METHOD_MD5", "METHOD_CRYPT"))


def _key_length(
    walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> None:
    if re.search(r"(?:^|\.)ec\.(?:SECP1\d\dR1|SECT1\d\d\w+|BrainpoolP1\d\d\w*)$", callee):
        walk.misuse(node, Danger.LENGTH, callee.rpartition(".")[2])
    curve = keywords.get("curve")
    if curve is not None and _SHORT_CURVES.search(curve.text or curve.name):
        walk.misuse(node, Danger.LENGTH, curve.text or curve.name)
    if callee.endswith("generateKeyPairSync") and len(arguments) > 1 and isinstance(arguments[1].items, dict):
        bits = arguments[1].items.get("modulusLength")
        if bits is not None and is_fixed(Danger.LENGTH, bits.const, callee):
            walk.misuse(node, Danger.LENGTH, f"{bits.const} bits")


def _peer(
    walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> None:
    if "aiohttp" in callee or "ession()" in callee:
        told = keywords.get("ssl")
        if told is not None and told.const is False:
            walk.misuse(node, Danger.PEER, f"{callee}(ssl=False)")
    told = keywords.get("verify")
    if "jwt" in callee and told is not None and told.const is False:
        walk.misuse(node, Danger.PEER, f"{callee}(verify=False)")
    told = keywords.get("cert_reqs")
    if told is not None and told.text.endswith("CERT_NONE"):
        walk.misuse(node, Danger.PEER, f"{callee}(cert_reqs=CERT_NONE)")
    for one in (*arguments, *keywords.values()):
        if isinstance(one.items, dict):
            for name in ("rejectUnauthorized", "verify_signature", "strictSSL"):
                told = one.items.get(name)
                if told is not None and told.const is False:
                    walk.misuse(node, Danger.PEER, f"{callee} with {name} off")
        last = one.name.rpartition(".")[2]
        trusting = "set_missing_host_key_policy" in callee and last.removesuffix("()") in _TRUSTING
        if trusting or (last == "CERT_NONE" and one.name.startswith("ssl.")):
            walk.misuse(node, Danger.PEER, f"{callee}({last})")
        if one.name.startswith("ssl.") and OLD_PROTOCOL.search(one.name):
            walk.misuse(node, Danger.PROTOCOL, last)
    if callee.endswith(("ssl._create_unverified_context", "ssl._create_stdlib_context", "get_unverified_claims")):
        walk.misuse(node, Danger.PEER, callee)
    algorithms = keywords.get("algorithms") or keywords.get("algorithm")
    if "jwt" in callee and algorithms is not None and "none" in [one.lower() for one in _texts(algorithms)]:
        walk.misuse(node, Danger.PEER, f"{callee} with the algorithm none")


def _plain(
    walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> None:
    walk.misuse(node, Danger.PLAIN, callee)


def plain_login(walk: Recorder, node: ast.AST, callee: str, receiver: Value) -> None:
    """Note a name and password that go to a mail server before the way there is encrypted."""
    if callee == "smtplib.SMTP().starttls":
        receiver.texts = (*receiver.texts, "starttls")
    elif callee == "smtplib.SMTP().login" and "starttls" not in receiver.texts:
        walk.misuse(node, Danger.PLAIN, callee)


def _texts(value: Value) -> list[str]:
    return [one.text for one in (value, *value.children())] + (
        [str(one) for one in value.const] if isinstance(value.const, list) else []
    )


def _cookie(
    walk: Recorder, node: ast.AST, callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> None:
    secure, hidden = keywords.get("secure"), keywords.get("httponly")
    if (secure is None and "**" not in keywords) or (secure is not None and secure.known and not secure.const):
        walk.misuse(node, "open-cookie", "set_cookie without secure")
    elif hidden is not None and hidden.const is False:
        walk.misuse(node, "open-cookie", "set_cookie without httponly")
    for one in (*arguments[1:2], *[value for name, value in keywords.items() if name == "value"]):
        walk.sink(node, Danger.GUESSED, callee, whole(one))


_CHECKED: tuple[tuple[re.Pattern[str], Check], ...] = (
    (re.compile(r"ash|md[245]|MD5|sha|SHA|crypt|ipher|modes|algorithms|\.new$|pyDes"), _algorithm),
    (re.compile(r"[Gg]enerate|newkeys|(?:^|\.)ec\.|KeyPair|Signing|ecdsa"), _key_length),
    (re.compile(r"ssl|SSL|request|[Hh]ttp|jwt|paramiko|[Cc]lient|urlopen|fetch|axios|polic|ontext|tls|TLS|Agent|"
                r"[Ss]ession|wrap"), _peer),
    (re.compile(r"^(?:ftplib\.FTP|telnetlib\.Telnet|http\.client\.HTTPConnection)$"), _plain),
)  # fmt: skip
"""What is looked at in calls by their names."""


def look_at_attribute(walk: Recorder, node: ast.AST, base: Value, name: str, value: Value) -> None:
    """Note what is wrong with what an attribute is set to."""
    if name == "verify_mode" and value.name.endswith("CERT_NONE"):
        walk.misuse(node, Danger.PEER, "verify_mode = CERT_NONE")
    elif name in {"check_hostname", "verify"} and value.const is False:
        walk.misuse(node, Danger.PEER, f"{name} = False")
    elif name == "_create_default_https_context" and value.name.endswith("_create_unverified_context"):
        walk.misuse(node, Danger.PEER, value.name)
    elif name in {"minimum_version", "ssl_version", "maximum_version"} and OLD_PROTOCOL.search(value.name):
        walk.misuse(node, Danger.PROTOCOL, value.name.rpartition(".")[2])
    elif name == "secret_key" and value.known and is_fixed(Danger.KEY, value.const, name):
        walk.misuse(node, Danger.KEY, f"{name}: a constant")


def look_at_setting(walk: Recorder, node: ast.AST, name: str, value: Value) -> None:
    """Note what is wrong with what a setting of Django or Flask is set to."""
    if name in {"SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY"} and value.const is False:
        walk.misuse(node, "open-cookie", f"{name} = False")
    elif name == "SECRET_KEY" and not isinstance(node, ast.Name) and is_fixed(Danger.KEY, _const(value), name):
        walk.misuse(node, Danger.KEY, f"{name}: a constant")


def _const(value: Value) -> object:
    return value.const if value.known else None


_MAC = re.compile(r"^hmac\.(?:new\(\)\.(?:hex)?digest|digest)\(\)$")


def look_at_comparison(walk: Recorder, node: ast.Compare, parts: Sequence[Value]) -> None:
    """Note a message authentication code that is compared as other texts are, in a time that tells how far it holds."""
    if isinstance(node.ops[0], ast.Eq | ast.NotEq) and not any(part.known for part in parts):
        for part in parts:
            if _MAC.match(part.name):
                walk.misuse(node, "compared-in-time", part.name.removesuffix("()"))
