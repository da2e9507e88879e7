"""Databases in which more people than need be may do everything."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.database import Database
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Database


def look(thing: Database, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell roles that no policy binds, schemas that everybody writes into, functions that lend their owner's rights."""
    strong = [str(name) for name, _, _ in thing.part("strong roles")]
    if strong:
        yield Sighting(
            "roles",
            Text(
                f"{len(strong)} logins beside the first one are bound by no policy in {thing.place}.",
                f"{thing.place} 中除首个账户外有 {len(strong)} 个登录角色不受任何策略约束。",
            ),
            (("roles", ", ".join(strong)),),
        )
    for (schema,) in thing.part("writable schemas"):
        yield Sighting(
            f"schema {schema}",
            Text(
                f"Everybody may create objects in the schema {schema} of {thing.place}.",
                f"任何人都可在 {thing.place} 的模式 {schema} 中创建对象。",
            ),
        )
    for (function,) in thing.part("borrowing functions"):
        yield Sighting(
            f"function {function}",
            Text(
                f"{function} in {thing.place} runs with its owner's rights for everybody.",
                f"{thing.place} 中的 {function} 以所有者权限为任何人运行。",
            ),
        )
