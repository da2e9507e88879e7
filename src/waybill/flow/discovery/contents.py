"""What was found, as pages tell it: kinds of data by name, and which things hold a document."""

from __future__ import annotations

from waybill.content import types
from waybill.model.findings import Text
from waybill.register.discovered import Contained, Found


def kinds(found: Found, most: int = 8) -> list[tuple[Text, int]]:
    """Return the kinds of data in something, with how many different values: the most frequent first."""
    known = types()
    counted = sorted(found.distinct.items(), key=lambda entry: -entry[1])[:most]
    return [
        (Text(known[name].names["en"], known[name].names["zh"]) if name in known else Text(name, name), count)
        for name, count in counted
    ]


def holders() -> dict[str, list[tuple[Found, Contained]]]:
    """Return what holds a registered document or marks of ours, by the id of the document: the largest share first."""
    from waybill.register import discoveries

    found: dict[str, list[tuple[Found, Contained]]] = {}
    for one in discoveries.telling():
        for held in one.documents:
            found.setdefault(held.id, []).append((one, held))
    for some in found.values():
        some.sort(key=lambda entry: -entry[1].share)
    return found
