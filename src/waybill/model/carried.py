"""What a transfer carried, where its content was at hand: found at collection, and told by the row's own fields.

The fields begin with ``content.``; rules may ask for them as for any other. Lists are joined as all fields are.

| field | holds |
|---|---|
| ``content.name`` | how the source itself calls what was carried |
| ``content.sha256``, ``content.bytes`` | its digest and its size |
| ``content.grade`` | the grade that is suggested; every row whose content was looked into has one |
| ``content.asset`` | the registered asset that was recognised in it, the gravest; it is the row's ``asset`` then |
| ``content.kinds``, ``content.values`` | kinds of sensitive data, and how many different values of each |
| ``content.persons`` | at least so many persons |
| ``content.document``, ``.assets``, ``.share``, ``.records``, ``.delivery`` | what was recognised, see ``Content`` |
| ``content.unread`` | why parts of it were not looked into |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from waybill.model.register import Content
from waybill.model.transfers import SEPARATOR
from waybill.model.words import Grade

MARK = "content.grade"
"""The field by which rows are known whose content was looked into."""

_OF_HELD = ("document", "assets", "share", "records", "delivery")


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in what a transfer carried. Holds no value and no text of it."""

    name: str = ""
    digest: str = ""
    size: int = 0
    grade: Grade = Grade.GENERAL
    asset: str = ""
    kinds: dict[str, int] = {}
    """How many different values of each kind, the most frequent first."""
    persons: int = 0
    held: tuple[Content, ...] = ()
    """Registered documents, records of registered tables, and marks of deliveries in it."""
    unread: tuple[str, ...] = ()

    def fields(self) -> dict[str, str]:
        """Return it as fields of a row."""
        columns = zip(*map(_written, self.held), strict=True)
        listed: dict[str, list[str]] = {
            "kinds": list(self.kinds),
            "values": list(map(str, self.kinds.values())),
            "unread": list(self.unread),
            **{name: list(column) for name, column in zip(_OF_HELD, columns, strict=False)},
        }
        single = {
            "name": self.name,
            "sha256": self.digest,
            "bytes": str(self.size),
            "grade": str(self.grade),
            "asset": self.asset,
            "persons": str(self.persons) if self.persons else "",
        }
        told = single | {name: SEPARATOR.join(values) for name, values in listed.items()}
        return {f"content.{name}": text for name, text in told.items() if text}


def carried_in(fields: Mapping[str, str]) -> Carried | None:
    """Return what was found in what a row carried, from its fields; None where nobody looked, or they make no sense."""
    told = {name: fields.get(f"content.{name}", "") for name in ("name", "sha256", "asset", "unread")}
    try:
        grade = Grade(fields[MARK])
        held = tuple(_held(fields, told["name"], grade))
    except (KeyError, ValueError):
        return None
    unread = tuple(filter(None, told["unread"].split(SEPARATOR)))
    return Carried(name=told["name"], digest=told["sha256"], grade=grade, asset=told["asset"], held=held, unread=unread)


def _written(content: Content) -> tuple[str, ...]:
    told = (content.document, content.asset, f"{content.share:.6f}", str(content.records), content.delivery)
    return tuple(text.replace(SEPARATOR, " ") for text in told)


def _held(fields: Mapping[str, str], name: str, grade: Grade) -> Iterator[Content]:
    """Yield what was recognised. Raises ValueError where the lists do not fit together."""
    columns = [fields.get(f"content.{column}", "").split(SEPARATOR) for column in _OF_HELD]
    if not columns[2][0]:  # no share: nothing was recognised
        return
    most = len(columns[2])
    columns = [column if any(column) else [""] * most for column in columns]
    for document, asset, share, records, delivery in zip(*columns, strict=True):
        yield Content(
            name=name,
            asset=asset,
            document=document,
            share=float(share),
            records=int(records or 0),
            grade=grade,
            delivery=delivery,
        )
