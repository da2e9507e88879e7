"""Quota accounts: what was mined and separated of rare earths, as oxides, against what a site was allotted.

China's total-volume control counts rare-earth oxides (REO) that a site mines, or smelts and separates; what was
imported to be separated counts too. A quota file is TOML, a table ``[[quotas]]`` for each with ``site``, ``activity``
(``mining`` or ``separation``), ``first`` and ``last`` day, ``kilograms`` of REO, and ``basis``.
"""

from __future__ import annotations

import tomllib
from datetime import date
from enum import StrEnum
from pathlib import Path

import msgspec
import numpy as np

from waybill.epcis.balance.accounts import booked, days, share_of
from waybill.epcis.history.arrays import Amounts, Mask, Numbers
from waybill.epcis.history.contents import Contents
from waybill.epcis.history.history import History
from waybill.model.chemistry import RARE_EARTHS, conversion
from waybill.model.custody import Role
from waybill.model.errors import UsageError

OXIDES = {"Ce": "CeO2", "Pr": "Pr6O11", "Tb": "Tb4O7"}
"""Oxides as which rare earths are weighed, where they are not of the form M2O3."""


class Activity(StrEnum):
    """What a quota is for."""

    MINING = "mining"
    SEPARATION = "separation"


class Quota(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So much REO that a site may mine or separate from one day to another, both included."""

    site: str
    activity: Activity
    first: date
    last: date
    kilograms: float
    basis: str


class QuotaUse(msgspec.Struct, frozen=True, kw_only=True):
    """A quota and what was drawn on it."""

    quota: Quota
    used: float
    """Kilograms of REO."""

    @property
    def left(self) -> float:
        """Kilograms of REO that are left; below zero where it is overdrawn."""
        return self.quota.kilograms - self.used


class _File(msgspec.Struct, forbid_unknown_fields=True):
    quotas: list[Quota]


def read_quotas(path: Path) -> list[Quota]:
    """Return the quotas of a file. Raises UsageError where it cannot be read as such."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).quotas
    except OSError as error:
        raise UsageError(f"the quotas cannot be read: {error.strerror}", where=str(path)) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"these are no quotas: {error}", where=str(path), expected="[[quotas]] in TOML") from None


def oxide(element: str) -> str:
    """Return the oxide as which a rare earth is weighed."""
    return OXIDES.get(element, f"{element}2O3")


def drawn(quotas: list[Quota], history: History, contents: Contents) -> list[QuotaUse]:
    """Return what was drawn on each quota: ore that began at the site, or what came out of its separations.

    Concentrates count by their assays. What a separation passes on unseparated (a concentrate, a residue) does not
    count: it is separated later.
    """
    rows, kind = booked(history)
    made = kind == 1
    rows = rows[made]
    separated = history.rows.in_role(Role.OUTPUT)[rows]
    pure = contents.material.take(history.rows.item.codes[rows]).each(_is_separated, False, bool)
    counted = {Activity.MINING: ~separated, Activity.SEPARATION: separated & pure}
    weight = as_oxides(history, contents, rows)
    day = days(history.time[history.rows.event[rows]])
    here = history.places.here[history.rows.event[rows]]

    def used(one: Quota) -> float:
        return float(
            weight[counted[one.activity] & _within(one, day) & (here == history.places.number(one.site))].sum()
        )

    return [QuotaUse(quota=one, used=used(one)) for one in quotas]


def as_oxides(history: History, contents: Contents, rows: Numbers) -> Amounts:
    """Return the kilograms of rare-earth oxides that each of some rows holds, or would."""
    total = np.zeros(len(rows))
    for element in contents.elements:
        if element in RARE_EARTHS:
            total += share_of(history, contents, rows, element) * conversion(element, oxide(element), element)
    return total


def _is_separated(material: str) -> bool:
    """Return whether a material is an oxide of one rare earth."""
    return any(material == oxide(element) for element in RARE_EARTHS)


def _within(quota: Quota, day: Numbers) -> Mask:
    first, last = ((edge - date(1970, 1, 1)).days for edge in (quota.first, quota.last))
    return np.asarray((day >= first) & (day <= last))
