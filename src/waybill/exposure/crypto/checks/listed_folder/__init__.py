"""Web servers that list folders."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.crypto.configuration import Configuration
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Configuration


def look(thing: Configuration, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each line that has folders listed."""
    for number, setting in enumerate(thing.settings("autoindex"), 1):
        if setting.values[:1] == ("on",):
            yield Sighting(
                f"autoindex {number}",
                Text(
                    f"{thing.place}, line {setting.line}, has folders listed.",
                    f"{thing.place} 第 {setting.line} 行允许列出目录。",
                ),
                line=setting.line,
            )
