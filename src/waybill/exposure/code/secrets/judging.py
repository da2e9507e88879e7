"""Whether a text that stands where secrets stand is one: by its form, its name, and what its file is for.

No list of secrets: how random it looks, whether people write such words, what the name promises. Expressions,
placeholders, names of settings, sentences, paths and markup are none.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from waybill.exposure.code.secrets.assignments import Assignment

_PLACEHOLDER = re.compile(
    r"^(?:\$|%\(|%s|\{|<|\[|#|@|&|\*+$|\.+$|x+$|-+$|_+$)|\$\{|\{\{|<%|%>|#\{|\bexample\b|changeme|change[_-]?(?:me|this|it)|"
    r"your[_-]|_here\b|placeholder|redacted|dummy|insert|replace|todo|fixme|xxxx|\*\*\*|\.\.\.|<[a-z _-]+>|undefined|"
    r"^(?:none|null|nil|true|false|yes|no|on|off|required|optional|string|str|bytes|int|text|hidden|default|unknown|"
    r"disabled|enabled|empty|bearer|basic|public|private|secret|password|passwd|token|key|value|name|user|username|admin|"
    r"auto|any|all|self|this|input|output|get|post|test|testing|foo|bar|baz|foobar|abc|mysecret|mypassword|env)$",
    re.IGNORECASE,
)
_EXPRESSION = re.compile(
    r"^[\w$]+(?:\.[\w$]+)+$|\(|\)|=>|^[a-z_$][\w$]*\[|^(?:self|this|os|process|settings|config|env|request|args)\b|"
    r"[|&]{2}|::|->|^\w+\s*[+?]"
)
_NAME_LIKE = re.compile(
    r"^[a-z]+(?:[A-Z][a-z]+)+$|^[a-z]+(?:[_\-.:/ ][a-z]+)+$|^[A-Z]+(?:_[A-Z]+)+$|^(?:[A-Z][a-z]+)+$"
)
_DIGESTED = re.compile(r"^(?:md5|sha1|sha256|pbkdf2_\w+|argon2\w*|bcrypt\w*)\$|^\$(?:\d|2[aby]|argon2\w*)\$|^arn:")
"""A digest of a password is none, and a name of a secret in a vault is none either."""
_PATH = re.compile(
    r"^(?:[./~]|[A-Za-z]:\\|[a-z][a-z0-9+.-]*://|/)|\.(?:pem|key|crt|json|ya?ml|txt|py|js|html?|xml|conf|env)$"
)
_VERSION = re.compile(r"^v?\d+(?:\.\d+)+\w*$|^\d{1,6}$|^\d{4}-\d\d-\d\d|^#?[0-9a-f]{3}(?:[0-9a-f]{3})?$", re.IGNORECASE)
_HEX = re.compile(r"^(?:0x)?[0-9a-fA-F]+$")
_UUID = re.compile(r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$", re.IGNORECASE)
_RANDOM = re.compile(r"^[A-Za-z0-9+/_=.~-]+$")
_KEY_ALONE = re.compile(
    r"^(?!.*(?:api|access|auth|secret|private|master|client|encrypt|sign)).*(?:^|[_.-])key$", re.IGNORECASE
)
"""Names of keys of any kind, of which most lock nothing."""
_PASSWORD = re.compile(r"passw|passphrase|passcode|pwd|pass$", re.IGNORECASE)
_WEAK_NAME = re.compile(
    r"(?:key|auth|salt|nonce|token)s?[._-]?(?:name|id|type|path|file|url|uri|field|header|label|prefix|length|size|error|"
    r"message|param|regex|pattern|format|expir\w*|ttl|class|code|map|index)$|_(?:name|field|label|url|path|file|regex|"
    r"pattern|hint|help|title|text|error|message|format|prefix|header|type)$|public[_-]?key|primary[_-]?key|foreign|"
    r"(?:^|(?<!api)(?<!access)(?<!auth)(?<!secret)(?<!private)\W)key$|author\b|keyboard|keyword|tokenizer|tokens$|token_?type|checksum|integrity|cache[_-]?key|csrf",
    re.IGNORECASE,
)
_PROSE_FILE = re.compile(r"(?:^|/)(?:locale|locales|i18n|lang|translations?)/|\.(?:po|pot|css|scss|svg|map|lock)$")
_CODE_FILE = re.compile(
    r"\.(?:py|[cm]?[jt]sx?|java|go|rb|php|cs|kt|swift|scala|c|cc|cpp|h|hpp|rs|m|groovy|lua|pl|dart)$"
)


def is_prose(path: str) -> bool:
    """Return whether a file holds texts for people, or what no secret stands in, by its name."""
    return _PROSE_FILE.search(path) is not None


def is_secret(one: Assignment, path: str) -> bool:  # noqa: PLR0911  one reason each
    """Return whether what is assigned is a secret."""
    value = one.value.strip()
    if not 4 <= len(value) <= 1000 or is_prose(path) or _WEAK_NAME.search(one.name):
        return False
    if _DIGESTED.match(value) or _PLACEHOLDER.search(value) or _VERSION.match(value) or _PATH.search(value):
        return False
    if not one.is_quoted and (_CODE_FILE.search(path) or _EXPRESSION.search(value)):
        return False
    if " " in value or "\t" in value or "\\n" in value or one.name.lower().endswith(value.lower()):
        return False
    if one.sign in {"==", "===", "!=", "!=="} and not _PASSWORD.search(one.name):
        return False
    if (one.sign == "," or one.sign.isspace()) and not _PASSWORD.search(one.name):
        return len(value) >= _LONG and _is_random(value)
    if _PASSWORD.search(one.name):
        return _is_password(value)
    return _is_random(value) or (len(value) >= _LONG and _is_password(value) and not _KEY_ALONE.search(one.name))


def is_secret_in_address(user: str, password: str) -> bool:
    """Return whether what stands for a password in an address is one."""
    if (
        _PLACEHOLDER.search(password)
        or _EXPRESSION.search(password)
        or password.lower() in {user.lower(), "pass", "pwd"}
    ):
        return False
    return _is_password(password) or (password.isalpha() and len(password) >= 5)


_LONG = 16
"""Characters of a password that nobody types: a key."""


def _is_password(value: str) -> bool:
    """Return whether a text looks like what people or programs choose for a password."""
    if _is_random(value):
        return True
    if _NAME_LIKE.match(value) or _EXPRESSION.search(value) or value.isalpha() or len(value) > 80:
        return False
    kinds = sum(
        any(map(test, value)) for test in (str.islower, str.isupper, str.isdigit, lambda one: not one.isalnum())
    )
    return kinds >= 2 and len(set(value)) > 3 and not _SENTENCE.search(value)


_SENTENCE = re.compile(r"[<>{}\[\]]|^[\W_]|:$|,$|\w+=\w+&")


def _is_random(value: str) -> bool:
    """Return whether a text looks drawn by lot: long enough, of letters and digits, and even."""
    if _UUID.match(value):
        return True
    if not _RANDOM.match(value) or _NAME_LIKE.match(value):
        return False
    if _HEX.match(value):
        return len(value) >= 16 and entropy(value) >= 2.6 and not value.isdigit()
    digits = sum(one.isdigit() for one in value)
    mixed = value != value.lower() and value != value.upper()
    if len(value) < 12 or not (digits or (mixed and len(value) >= 20)):
        return False
    words = sum(len(word) for word in re.findall(r"[A-Za-z][a-z]{3,}", value) if _VOWEL.search(word))
    return words <= 0.6 * len(value) and entropy(value) >= 3.0


_VOWEL = re.compile(r"[aeiou]")


def entropy(text: str) -> float:
    """Return Shannon's entropy of a text, in bits a character."""
    counts, length = Counter(text), len(text)
    return -sum(count / length * math.log2(count / length) for count in counts.values())
