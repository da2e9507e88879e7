"""The catalogue of data types: read from the TOML files beside this module, one for each field of life.

Each type says how it is written (``shapes`` for numbers and codes, ``literals`` for what begins with fixed letters),
which rule it keeps (``check``), what is written near it (``keywords``) and what the law makes of it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from waybill.model.errors import RuleError


class Category(StrEnum):
    """The field of life that a type belongs to."""

    IDENTITY = "identity"
    CONTACT = "contact"
    FINANCE = "finance"
    HEALTH = "health"
    LOCATION = "location"
    VEHICLE = "vehicle"
    ORGANISATION = "organisation"
    NETWORK = "network"
    CREDENTIAL = "credential"
    TRADE = "trade"
    MARKING = "marking"


class Sensitivity(StrEnum):
    """What the law makes of a value of a type; GB/T 45574-2025 says which personal data are sensitive."""

    SENSITIVE_PERSONAL = "sensitive-personal"
    PERSONAL = "personal"
    CREDENTIAL = "credential"
    BUSINESS = "business"
    MARKING = "marking"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class DataType:
    """One kind of sensitive data."""

    id: str
    names: Mapping[str, str]
    """By language, ``en`` and ``zh``."""
    category: Category
    sensitivity: Sensitivity
    basis: str
    """Where the law or standard says so, or what the format is defined by."""
    example: str
    """Invented, and right in form."""
    shapes: tuple[tuple[str, float], ...] = ()
    """How it is written, and how sure that alone makes (see ``patterns``)."""
    check: str = ""
    """The rule that every candidate must keep (see ``checks``)."""
    literals: tuple[str, ...] = ()
    """Fixed letters that it begins with or is."""
    tail: str = ""
    """What must follow the letters: a class of characters and how many, as in shapes."""
    form: str = "tail"
    """How a candidate at a literal is judged (see ``anchored``)."""
    alone: float = 0.0
    """How sure a literal with what follows makes."""
    keywords: tuple[str, ...] = ()
    """Words of either language that stand near it or head its column."""
    near: float = 0.0
    """How sure one of these words makes."""
    names_person: bool = False
    """Whether one value stands for one person, so that distinct values count persons."""


@cache
def types() -> Mapping[str, DataType]:
    """Return every type by its id, in the order of the files. Raises RuleError."""
    found: dict[str, DataType] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            for entry in tomllib.loads(file.read_text("utf-8"))["types"]:
                one = _read(entry, file.name)
                if one.id in found:
                    raise RuleError("two types have the same id", where=one.id)
                found[one.id] = one
    return found


def _read(entry: dict[str, Any], where: str) -> DataType:
    """Return the type that a table of a file tells of."""
    try:
        given = dict(entry)
        given["category"], given["sensitivity"] = Category(given["category"]), Sensitivity(given["sensitivity"])
        given["shapes"] = tuple((text, float(score)) for text, score in given.get("shapes", ()))
        given["literals"] = tuple(given.get("literals", ()))
        given["keywords"] = tuple(given.get("keywords", ()))
        return DataType(**given)
    except (KeyError, TypeError, ValueError) as error:
        raise RuleError(f"this is no data type: {error}", where=f"{where}: {entry.get('id', '?')}") from None
