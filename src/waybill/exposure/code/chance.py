"""Numbers that can be guessed, and what must not be."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from waybill.exposure.code.facts import Source
from waybill.exposure.code.recording import Recorder
from waybill.exposure.code.values import Value

_RANDOM = re.compile(
    r"^random\.(?:random|randint|randrange|choices?|sample|uniform|getrandbits|randbytes|shuffle|gauss|normalvariate|"
    r"betavariate|triangular)$|^Math\.random$|(?:^|\.)Random\(\)\.\w+$|^uuid\.uuid1$|"
    r"^numpy\.random\.(?:rand\w*|choice|bytes|integers|uniform|permutation)$"
)


@lru_cache(1 << 14)
def _is_random(callee: str) -> bool:
    return _RANDOM.search(callee) is not None and "SystemRandom" not in callee


def random_read(walk: Recorder, node: ast.AST, callee: str) -> Value | None:
    """Return a number that can be guessed, if a call makes one."""
    if _is_random(callee):
        return Value(walk.read(node, Source.RANDOM, callee), name=f"{callee}()")
    return None


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
