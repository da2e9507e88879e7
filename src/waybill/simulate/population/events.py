"""Records in columns while they are being drawn: who did what at which hour, where to, and how much."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from waybill.simulate.population.roles import TEAMS, Deed

Numbers = npt.NDArray[np.int64]
Hours = npt.NDArray[np.float64]

SITES = 4_000
"""Public sites, by falling popularity; the numbers below are of sites too."""
PERSONAL_CLOUD, PERSONAL_CLOUDS = 3_000, 400
CAREER_SITES = range(3_900, 3_930)
SPYWARE_SITE, LEAK_SITE = 3_998, 3_999
MIGRATION_SITE = SITES
"""The service that the whole company moves to."""
PARTNERS, PARTNER_COUNT = 5_000, 2_500
"""Mail domains outside."""
COMPETITORS = range(7_600, 7_605)
PERSONAL_MAIL = 8_000
"""A private mail domain for each person; the last of the places."""
DOCUMENTS = 500
"""Controlled documents of each team; a document's number is its team's times this, plus its own."""
ALL_DOCUMENTS = TEAMS * DOCUMENTS

NOWHERE = -1


@dataclass(slots=True)
class Events:
    """Columns of equal length, in pieces until ``joined``."""

    pieces: list[tuple[npt.NDArray[np.generic], ...]] = field(default_factory=list)

    def add(
        self,
        deed: Deed,
        person: Numbers,
        day: Numbers | int,
        hour: Hours,
        *,
        machine: Numbers | int | None = None,
        place: Numbers | int = NOWHERE,
        document: Numbers | int = NOWHERE,
        size: Numbers | Hours | int = 0,
        controlled: Numbers | int = 0,
        receivers: Numbers | int = 1,
    ) -> None:
        """Add records of one kind; an hour of 24 or more is on the next day."""
        count = len(person)
        if not count:
            return
        seconds = (np.asarray(day) * 86_400 + np.clip(hour, 0, 30) * 3_600).astype(np.int64)
        columns = (person if machine is None else machine, place, document, size, controlled, receivers)
        dtypes = (np.int32, np.int32, np.int32, np.int64, np.int8, np.int16)
        full = (np.full(count, value).astype(dtype) for value, dtype in zip(columns, dtypes, strict=True))
        self.pieces.append((seconds, person.astype(np.int32), np.full(count, deed, np.int8), *full))

    def joined(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return all records in the order of time."""
        columns = [np.concatenate(column) for column in zip(*self.pieces, strict=True)]
        order = np.argsort(columns[0], kind="stable")
        names = ("seconds", "person", "deed", "machine", "place", "document", "size", "controlled", "receivers")
        return {name: column[order] for name, column in zip(names, columns, strict=True)}
