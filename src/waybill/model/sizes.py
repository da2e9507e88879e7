"""Numbers of bytes as people write them."""

from __future__ import annotations


def size(count: int) -> str:
    """Return a number of bytes in powers of 1000, for example ``1.2 MB``."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
