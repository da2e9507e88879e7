"""The rules on file: read together, told apart by a hash, and picked for a day as known on another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from waybill.model.errors import InputError, RuleError
from waybill.rulebook.deciding import Regime
from waybill.rulebook.instruments import Deadline, Grading, Instrument, Provision, Rule
from waybill.rulebook.reading import read_instrument
from waybill.rulebook.standing import Standing, standing

_DAYS = 64
"""Pairs of days whose rules are kept compiled."""


class Rulebook:
    """Instruments that hold together. Raises RuleError where two have the same id, or two of their rules."""

    def __init__(self, instruments: Sequence[Instrument], digest: str) -> None:
        self.instruments = tuple(instruments)
        self.digest = digest
        """SHA-256 over the files: what an answer was made with."""
        places: dict[str, str] = {}
        for name, place in [
            *((one.id, one.place) for one in instruments),
            *((said.id, said.place) for one in instruments for said in one.provisions),
        ]:
            if name in places:
                raise RuleError(f"{name!r} is there twice", where=f"{places[name]} and {place}")
            places[name] = place
        self._at = lru_cache(_DAYS)(self._compile)
        self._standings = lru_cache(_DAYS)(self._stand)

    @cached_property
    def rules(self) -> dict[str, tuple[Instrument, Rule]]:
        """Every rule with its instrument, by id."""
        return {rule.id: (one, rule) for one in self.instruments for rule in one.rules}

    @cached_property
    def deadlines(self) -> dict[str, tuple[Instrument, Deadline]]:
        """Every deadline with its instrument, by id."""
        return {one.id: (instrument, one) for instrument in self.instruments for one in instrument.deadlines}

    @cached_property
    def gradings(self) -> dict[str, tuple[Instrument, Grading]]:
        """Every grading with its instrument, by id."""
        return {one.id: (instrument, one) for instrument in self.instruments for one in instrument.gradings}

    @cached_property
    def provisions(self) -> dict[str, tuple[Instrument, Provision]]:
        """Every rule, deadline and grading with its instrument, by id."""
        return {said.id: (one, said) for one in self.instruments for said in one.provisions}

    @cached_property
    def regimes(self) -> tuple[str, ...]:
        """The names of the regimes, in the order of the files."""
        return tuple(dict.fromkeys(one.regime for one in self.instruments if one.rules))

    def standings(self, day: date, known: date) -> dict[str, Standing]:
        """Return how every provision stands on ``day`` as known on ``known``, by id."""
        return self._standings(day, known)

    def regime(self, name: str, day: date, known: date) -> Regime:
        """Return the rules of a regime that hold on ``day`` as known on ``known``. Raises RuleError for a gap."""
        return self._at(name, day, known)

    def _stand(self, day: date, known: date) -> dict[str, Standing]:
        return {id: standing(instrument, rule, day, known) for id, (instrument, rule) in self.provisions.items()}

    def _compile(self, name: str, day: date, known: date) -> Regime:
        held = self.standings(day, known)
        rules = (rule for one in self.instruments if one.regime == name for rule in one.rules if held[rule.id].holds)
        return Regime(name, tuple(rules))


def load_rulebook(own: Iterable[Path] = (), texts: Mapping[str, str] = MappingProxyType({})) -> Rulebook:
    """Return the built-in instruments, those of the named files and folders, and those of texts by their file.

    An instrument with the id of a built-in one replaces it. Raises RuleError with file and line, InputError for a
    file that cannot be read.
    """
    folder = files("waybill.rulebook").joinpath("instruments")
    entries = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    built_in = {file.name: file.read_text(encoding="utf-8") for file in entries}
    added = {**own_texts(own), **texts}
    instruments = {one.id: one for one in (read_instrument(text, name) for name, text in built_in.items())}
    fresh = [read_instrument(text, name) for name, text in added.items()]
    for one in fresh:
        instruments.pop(one.id, None)
    digest = hashlib.sha256()
    for name, text in [*built_in.items(), *((Path(name).name, text) for name, text in added.items())]:
        digest.update(f"{len(name)} {len(text)} {name}\n{text}".encode())
    return Rulebook([*instruments.values(), *fresh], digest.hexdigest())


def own_texts(own: Iterable[Path]) -> dict[str, str]:
    """Return the texts of the named files, and of those in the named folders. Raises InputError."""
    return {str(file): _text_of(file) for file in files_of(own)}


def files_of(own: Iterable[Path]) -> list[Path]:
    """Return the files that are named, and those in the folders that are."""
    return [file for path in own for file in (sorted(path.glob("*.toml")) if path.is_dir() else [path])]


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the rules cannot be read: {error}", where=str(file)) from None
