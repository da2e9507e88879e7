"""Tables whose policies of row-level security hold nobody back."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.database import Table
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Table


def look(thing: Table, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a table whose policies are not in force, and one whose policy lets everybody see every row."""
    if thing.policies and not thing.has_row_security:
        yield Sighting(
            "off",
            Text(
                f"{thing.title} has {len(thing.policies)} policies for rows, which are not in force.",
                f"{thing.title} 有 {len(thing.policies)} 条行级策略，但未启用。",
            ),
        )
    if not thing.has_row_security or any(not one.permissive for one in thing.policies):
        return
    for one in thing.policies:
        if one.for_everybody and one.condition.strip("() ").lower() == "true":
            yield Sighting(
                f"policy {one.name}",
                Text(
                    f"The policy {one.name} of {thing.title} lets everybody see every row.",
                    f"{thing.title} 的策略 {one.name} 允许所有人查看所有行。",
                ),
            )
