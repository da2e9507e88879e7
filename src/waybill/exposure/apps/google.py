"""Apps from Google's Admin SDK: the answers of tokens.list, one document or a list of them, one for each person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from waybill.exposure.apps.app import App
from waybill.exposure.apps.powers import powers_of
from waybill.exposure.documents import entries
from waybill.model.findings import Position

_KIND = "admin#directory#tokenList"


def recognises(document: Any) -> bool:
    """Return whether this is such an export."""
    return any(one.get("kind") == _KIND for one in entries(document))


def read(document: Any, file: str) -> Iterator[App]:
    """Yield the apps, each once. Who let them in is counted and never kept."""
    scopes: dict[str, set[str]] = {}
    people: dict[str, set[str]] = {}
    about: dict[str, tuple[str, int]] = {}
    for number, answer in enumerate(entries(document), 1):
        for token in entries(answer.get("items", [])):
            client = str(token.get("clientId"))
            scopes.setdefault(client, set()).update(map(str, token.get("scopes") or ()))
            people.setdefault(client, set()).add(str(token.get("userKey")))
            about.setdefault(client, (str(token.get("displayText") or client), number))
    for client, (name, number) in about.items():
        parts = {
            "name": name,
            "scopes": tuple(sorted(scopes[client])),
            "powers": powers_of(scopes[client]),
            "people": len(people[client]),
        }
        yield App(f"app:{client}", Position("google-tokens", file, number), (client, name), parts)
