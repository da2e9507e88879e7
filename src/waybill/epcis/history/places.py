"""Where events were: sites of the register, or places as documents name them; their countries and coordinates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.epcis.history.arrays import NONE, Amounts, Coded, Numbers
from waybill.model.custody import Custody
from waybill.model.register import RegisterSnapshot

_PART = re.compile(r"/254/.*$")
_GEO = re.compile(r"geo:(-?[0-9.]+),(-?[0-9.]+)")
_EARTH = 12_742.0
"""Its diameter in kilometres."""


class Places:
    """The sites of a history; a site is a number into ``names``. ``column`` returns a column of the events."""

    def __init__(self, register: RegisterSnapshot, custody: Custody, column: Callable[[str], Coded]) -> None:
        self._register = register
        self._column = column
        self._data = _master_data(custody)
        self.names: list[str] = []
        self._originals: list[str] = []  # the first name by which documents gave each site
        self._numbers: dict[str, int] = {}

    @cached_property
    def here(self) -> Numbers:
        """Where each event was; NONE if it does not say."""
        return self._first("read_point", "biz_location")

    @cached_property
    def there(self) -> Numbers:
        """Where each event says that things go."""
        return self._first("destination_location", "destination_possessor", "destination_owner")

    @cached_property
    def origin(self) -> Numbers:
        """Where each event says that things come from."""
        return self._first("source_location", "source_possessor", "source_owner")

    def number(self, name: str) -> int:
        """Return the site that a document means by a place or a party."""
        place = self._register.place_of(name)
        site = place.id if place else _PART.sub("", name)
        found = self._numbers.get(site)
        if found is None:
            found = self._numbers[site] = len(self.names)
            self.names.append(site)
            self._originals.append(_PART.sub("", name))
        return found

    def name(self, site: int) -> str:
        """Return the name of a site."""
        return self.names[site] if site >= 0 else ""

    def country(self, site: int) -> str:
        """Return the country of a site, as ISO 3166-1 alpha-2; empty if it is not known."""
        if site < 0:
            return ""
        for place in self._register.place_and_above(self._register.place(self.names[site])):
            known = self._register.place(place)
            if known is not None and known.jurisdiction:
                return known.jurisdiction
        return self._data.get((self._originals[site], "countryCode"), "")

    @property
    def countries(self) -> Sequence[str]:
        """The country of every site; the last one is that of nowhere."""
        return [*(self.country(site) for site in range(len(self.names))), ""]

    @property
    def coordinates(self) -> Amounts:
        """Latitude and longitude of every site, in degrees; NaN if unknown, and for nowhere, the last row."""
        found = np.full((len(self.names) + 1, 2), np.nan)
        for site, name in enumerate(self._originals):
            point = _GEO.match(name)
            pair = point.groups() if point else [self._data.get((name, axis)) for axis in ("latitude", "longitude")]
            try:
                found[site] = [float(part) if part else np.nan for part in pair]
            except ValueError:
                continue
        return found

    def kilometres(self, one: Numbers, other: Numbers) -> Amounts:
        """Return the great-circle distances between sites; NaN where one is not known."""
        points = np.radians(self.coordinates)
        a, b = points[one], points[other]
        half = np.sin((b - a) / 2) ** 2
        chord = half[:, 0] + np.cos(a[:, 0]) * np.cos(b[:, 0]) * half[:, 1]
        return np.asarray(_EARTH * np.arcsin(np.sqrt(np.minimum(chord, 1))))

    def _first(self, *columns: str) -> Numbers:
        found: Numbers | None = None
        for name in columns:
            column = self._column(name)
            sites = np.array([*(self.number(word) for word in column.words), NONE])[column.codes]
            found = sites if found is None else np.where(found == NONE, sites, found)
        return found if found is not None else np.empty(0, np.int64)


def _master_data(custody: Custody) -> dict[tuple[str, str], str]:
    table = custody.master_data
    wanted = pc.is_in(table["name"].cast(pa.string()), value_set=pa.array(["latitude", "longitude", "countryCode"]))
    return {(_PART.sub("", row["id"]), row["name"]): row["value"] for row in table.filter(wanted).to_pylist()}
