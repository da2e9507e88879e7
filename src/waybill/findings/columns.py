"""Texts as columns can keep them: names come from outside, and none may be too long or too odd to store a finding.

PostgreSQL keeps no NUL in a text, no more than a column's length, and none in an index that is longer than some 2,700
bytes. What does not fit is known by its hash in the column; the statement beside it has the whole.
"""

from __future__ import annotations

import hashlib

HASHED = "blake2b:"
"""How the column of a text begins that does not fit."""

MOST = 500
"""Characters of a text in an index: at most 2,000 bytes as UTF-8."""


def column(text: str, most: int = MOST) -> str:
    """Return what stands for a text in a column; equal texts give equal columns, and others do not."""
    if len(text) <= most and "\0" not in text and not text.startswith(HASHED):
        return text
    return HASHED + hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()
