"""Whether a quote says the numbers that are read from it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_CHINESE = {"百": 10**2, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_STATED = re.compile(r"([0-9][0-9,.]*)\s*(百万|千万|百|千|万|亿|%|percent)?")


def unsaid(quote: str, numbers: Iterable[int | float]) -> list[int | float]:
    """Return the numbers that a quote does not say in digits; 0 and 1 are said in words."""
    stated = set()
    for number, unit in _STATED.findall(quote):
        value = float(number.replace(",", "").rstrip(".") or 0)
        stated.add(value / 100 if unit in {"%", "percent"} else value * _CHINESE.get(unit, 1))
    return [number for number in numbers if number > 1 and float(number) not in stated]
