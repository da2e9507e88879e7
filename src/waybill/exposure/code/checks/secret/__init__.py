"""A secret stands in a file of the program."""

from __future__ import annotations

from collections.abc import Iterator

from waybill import content
from waybill.exposure.checks import Sighting
from waybill.exposure.code.program import Code
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Code


def look(thing: Code, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each secret by where it stands; the secret itself is not shown."""
    counts: dict[tuple[str, str], int] = {}
    for file, secret in thing.secrets:
        kind = content.types().get(secret.kind)
        en = kind.names["en"] if kind is not None else f"what is assigned to {secret.name}"
        zh = kind.names["zh"] if kind is not None else f"赋予 {secret.name} 的值"
        same = (file, f"{secret.kind} {secret.name}".strip())
        counts[same] = counts.get(same, 0) + 1
        yield Sighting(
            f"{file} {same[1]} {counts[same]}",
            Text(f"{file}, line {secret.line}, holds a secret: {en}.", f"{file} 第 {secret.line} 行存有秘密：{zh}。"),
            (("line", f"{file}:{secret.line}"),),
            secret.line,
        )
