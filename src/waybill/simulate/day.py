"""Writes a day of sample logs of four invented organisations: benign background, nine leaks and their benign twins."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from waybill.simulate import cloud, directory, endpoint, movements, windows
from waybill.simulate import day_books as books
from waybill.simulate.cases import cases, with_role
from waybill.simulate.cast import Cast
from waybill.simulate.day_truth import Truth
from waybill.simulate.feeds import Role

DAY = date(2026, 3, 2)
"""The day that all records fall on, by UTC; a Monday."""

COUNTS = {"cloud": 6000, "windows": 6000, "directory": 3000, "endpoint": 2000, "movements": 3000}
"""Ordinary records of each source at scale 1."""


def write_sample_day(folder: Path, *, seed: int = 7, scale: float = 1.0) -> Truth:
    """Write logs, mapping and register into ``folder`` and return what is in them.

    Equal ``seed`` and ``scale`` give equal bytes (of unpacked files: packers may change). ``scale`` multiplies the
    ordinary records and leaves the marked ones as they are. Existing files of the same names are replaced.
    """
    truth = Truth(day=DAY, records=0, cases=(), broken=(), protected=())
    logs = folder / truth.logs

    def cast(name: str) -> Cast:
        return Cast(seed, DAY, name)

    def count(name: str) -> int:
        return round(COUNTS[name] * scale)

    in_cloud = cloud.feed(cast("cloud"), count("cloud"))
    on_clients, on_servers = windows.feeds(cast("windows"), count("windows"))
    in_directory = directory.feed(cast("directory"), count("directory"))
    at_endpoints = endpoint.feed(cast("endpoint"), count("endpoint"))
    moved = movements.feed(cast("movements"), count("movements"))
    marks = [
        *cloud.write(logs, in_cloud),
        *windows.write(logs, on_clients, on_servers),
        *directory.write(logs, in_directory),
        *endpoint.write(logs, at_endpoints),
        *movements.write(logs, moved),
    ]
    mapping = folder / truth.mappings[0]
    mapping.parent.mkdir(parents=True, exist_ok=True)
    mapping.write_text(endpoint.MAPPING, encoding="utf-8")
    books.write(folder / truth.register, cast("register"))
    return Truth(
        day=DAY,
        records=sum(len(f.entries) for f in (in_cloud, on_clients, on_servers, in_directory, at_endpoints, moved)),
        cases=cases(marks),
        broken=with_role(marks, Role.BROKEN),
        protected=with_role(marks, Role.PROTECTED),
    )
