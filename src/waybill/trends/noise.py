"""Figures for everybody: counts under differential privacy (Dwork, McSherry, Nissim and Smith 2006), by OpenDP.

The unit is the organisation: whoever reads all that is published of a year can hardly tell whether one organisation's
incidents are in it at all. So of each at most ``bound`` incidents are counted, which takes from those that have many:
the figures are biased as well as noisy, and the pages say so. The words that are counted by never come from the data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from math import exp, log
from typing import Any

import numpy as np

from waybill.model.errors import UsageError
from waybill.trends.incidents import Incident
from waybill.trends.tables import Counts

UNIT = "organisation"
MECHANISM = "discrete Laplace"
SURE = 0.95


def bounded(incidents: Iterable[Incident], bound: int, salt: bytes) -> list[Incident]:
    """Return at most so many incidents of each organisation, chosen by a secret hash and by nothing else.

    An incident of nobody known counts as an organisation of its own.
    """
    by_victim: dict[str, list[Incident]] = {}
    found = []
    for one in incidents:
        if one.victim:
            by_victim.setdefault(one.victim.casefold(), []).append(one)
        else:
            found.append(one)
    for own in by_victim.values():
        found += sorted(own, key=lambda one: _lot(one, salt))[:bound]
    return found


def noisy(counts: Counts, epsilon: float, sensitivity: int) -> Counts:
    """Return counts with discrete Laplace noise: one organisation changes their sum by at most ``sensitivity``.

    Raises UsageError where OpenDP is not installed.
    """
    try:
        import opendp.prelude as dp
    except ImportError:
        raise UsageError(
            "OpenDP is not installed, and nothing is published to all without it", advice="pip install opendp"
        ) from None
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    measurement: Any = dp.m.make_geometric(*space, scale=sensitivity / epsilon)
    if measurement.map(sensitivity) > epsilon * (1 + 1e-9):
        raise UsageError("the mechanism would spend more than was signed", where=f"epsilon {epsilon:g}")
    return np.array(measurement([int(one) for one in counts.ravel()]), dtype=np.int64).reshape(counts.shape)


def band(epsilon: float, sensitivity: int, sure: float = SURE) -> int:
    """Return by how much the noise moves a count at most, in so many of all cases.

    The noise is k with probability proportional to r to the power of |k|, r = exp(-epsilon / sensitivity).
    """
    rate = epsilon / sensitivity
    # P(|noise| > b) = 2 r^(b+1) / (1 + r)
    return max(0, int(np.ceil(log((1 - sure) * (1 + exp(-rate)) / 2) / -rate - 1)))


def membership(epsilon: float) -> float:
    """Return how often the best attacker can be right about whether one organisation is in: e^epsilon/(1+e^epsilon)."""
    return 1 / (1 + exp(-epsilon))


def shares(epsilon: float, tables: Sequence[str]) -> float:
    """Return each table's part of a budget: equal ones, which add up (sequential composition)."""
    return epsilon / len(tables)


def _lot(one: Incident, salt: bytes) -> bytes:
    return hashlib.blake2b(f"{one.source}\0{one.id}".encode(), digest_size=16, key=salt).digest()
