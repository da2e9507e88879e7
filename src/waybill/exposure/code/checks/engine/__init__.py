"""Another engine found something."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.code.engines import Report, Result
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Report


def look(thing: Report, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each result, as grave as the engine has it; those of a file and a rule are known again by their order."""
    engine: str = thing.part("engine")
    results: list[Result] = thing.part("results")
    counts: dict[tuple[str, str], int] = {}
    for one in results:
        same = (one.file, one.rule)
        counts[same] = counts.get(same, 0) + 1
        says = f": {one.says.rstrip('.')}" if one.says else ""
        yield Sighting(
            f"{engine} {one.file} {one.rule} {counts[same]}",
            Text(
                f"{engine} finds {one.rule} in {one.file}, line {one.line}{says}.",
                f"{engine} 在 {one.file} 第 {one.line} 行发现 {one.rule}{says}。",
            ),
            (("engine", engine), ("rule", one.rule), ("line", f"{one.file}:{one.line}")),
            one.line,
            severity=one.severity,
        )
