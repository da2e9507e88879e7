"""What a check is: a folder with metadata and code, so that a check is added by adding a folder.

The code names what it looks at, ``SUBJECT``, and has the function ``look``.
"""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from waybill.exposure.fixes import Fix
from waybill.exposure.snapshots import Snapshot
from waybill.model.errors import RuleError
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Severity


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something that stands open: what it is, said in a sentence, and what shows it."""

    object: str
    """What in the place stands open; the same exposure has the same object at every survey."""
    sentence: Text
    evidence: tuple[tuple[str, str], ...] = ()
    """What was read, by name."""
    line: int = 0
    """The line or record that shows it, if not the one the thing was read from."""
    holds: tuple[str, ...] = ()
    """Names by which the register may know what exactly lies there, where the thing holds more than that."""
    severity: Severity | None = None
    """How grave it is as long as nothing is known of what lies behind it, where that is not as the check says."""


Plan = Callable[[Any, Sighting], Fix | None]
"""Says what would close what was seen; nothing where that is not safe here."""

Look = Callable[[Any, RegisterSnapshot], Iterable[Sighting]]
"""Looks at one thing of the family, knowing the register, and tells what stands open."""


class Metadata(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``check.toml`` says."""

    id: str
    severity: Severity
    """As long as nothing is known of what lies behind it."""
    title: Text
    risk: Text
    remedy: Text
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look for."""

    about: Metadata
    subject: type[Snapshot]
    """What it looks at."""
    look: Look
    fix: Plan | None = None

    @property
    def id(self) -> str:
        """Its name, by which findings, exceptions and people know it."""
        return self.about.id


@cache
def checks_of(package: str) -> tuple[Check, ...]:
    """Return the checks in the folders of a package, by name; raise ``RuleError`` where one's metadata are wrong.

    They are read once: a page asks which exposures can be closed each time it is shown.
    """
    folders = pkgutil.iter_modules(importlib.import_module(package).__path__)
    return tuple(sorted((_load(f"{package}.{folder.name}") for folder in folders), key=lambda check: check.id))


def _load(name: str) -> Check:
    content = (files(name) / "check.toml").read_text(encoding="utf-8")
    try:
        about = msgspec.convert(tomllib.loads(content), Metadata)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RuleError(f"the metadata of a check are wrong: {error}", where=f"{name}/check.toml") from None
    module = importlib.import_module(name)
    return Check(about, module.SUBJECT, module.look, getattr(module, "fix", None))
