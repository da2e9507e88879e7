"""Counterparties held against lists of sanctioned, listed or watched parties that the organisation loads itself.

Lists are files of FollowTheMoney entities, as OpenSanctions and others publish them: one JSON object a line with
``id``, ``schema`` and ``properties``. A match is a likeness of names and no more: it is for a person to look at, with
what speaks for and against it. Names are compared whole, without legal form and order of words, over the whole list:
no index leaves out a name that is written otherwise.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from waybill.model.errors import InputError, UsageError

LIKE = 88.0
"""Likeness from which a name is a match, of 100."""
MOST = 20
"""Matches that are returned, the likest first."""
MOST_BYTES = 8 << 30
HALF = 50.0
"""Percentage from which whoever listed parties own counts as listed (the affiliates rule of the EAR, for one)."""

_FORMS = frozenset(
    [
        "ab",
        "ag",
        "as",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "gmbh",
        "group",
        "holding",
        "holdings",
        "inc",
        "jsc",
        "kg",
        "limited",
        "llc",
        "llp",
        "ltd",
        "nv",
        "oao",
        "ooo",
        "oy",
        "oyj",
        "pjsc",
        "plc",
        "pte",
        "pty",
        "sa",
        "sarl",
        "sas",
        "spa",
        "srl",
        "the",
        "zao",
    ]
)
_CHINESE_FORMS = ("股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "集团", "公司")


class _Properties(msgspec.Struct):
    name: list[str] = []
    alias: list[str] = []
    weakAlias: list[str] = []  # noqa: N815  names of FollowTheMoney
    previousName: list[str] = []  # noqa: N815
    country: list[str] = []
    jurisdiction: list[str] = []
    topics: list[str] = []
    owner: list[str] = []
    asset: list[str] = []
    percentage: list[str] = []
    leiCode: list[str] = []  # noqa: N815
    registrationNumber: list[str] = []  # noqa: N815
    uscCode: list[str] = []  # noqa: N815


class _Entity(msgspec.Struct):
    id: str
    schema: str
    properties: _Properties


@dataclass(frozen=True, slots=True)
class Party:
    """A party of a list."""

    id: str
    list: str
    """Name of the file."""
    schema: str
    names: tuple[str, ...]
    weak: tuple[str, ...]
    """Names that many bear: only an exact one matches."""
    countries: tuple[str, ...]
    topics: tuple[str, ...]
    """Why it is listed, in the words of the list, such as ``sanction`` or ``export.control``."""
    identifiers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A party of a list that a name may mean."""

    party: Party
    name: str
    """The name of the list that is alike."""
    score: float
    """Likeness, to 100."""
    same_country: bool | None
    """None where either side's is unknown."""
    same_identifier: bool
    """Whether a registration number or LEI is the same: then it is the party, whatever its name."""
    owners: tuple[str, ...] = ()
    """Listed parties that own half of it or more, where it is not listed itself."""


class Screening:
    """Lists, ready to be asked."""

    def __init__(self, parties: Iterable[Party], owned: dict[str, dict[str, float]]) -> None:
        """``owned`` says of a party, by id, which percentage each owner has."""
        self._parties = {party.id: party for party in parties}
        self._owned = owned

    @property
    def size(self) -> int:
        """How many parties are on the lists."""
        return len(self._parties)

    def matches(self, name: str, *, country: str = "", identifiers: Sequence[str] = ()) -> list[Match]:
        """Return the parties that a name may mean: those of the same identifier first, then the likest."""
        from rapidfuzz import fuzz, process

        wanted, scores = normal(name), dict[str, tuple[float, str]]()
        if wanted:
            found = process.extract(wanted, self._choices, scorer=fuzz.ratio, score_cutoff=LIKE, limit=None)
            for _, score, number in found:
                id, said, weak = self._names[number]
                if (score == 100.0 or not weak) and score > scores.get(id, (0.0, ""))[0]:
                    scores[id] = score, said
        identified = self._identified(identifiers)
        for id in identified:
            names = self._parties[id].names
            scores.setdefault(id, (0.0, names[0] if names else id))
        made = [self._match(id, *score, country, identified) for id, score in scores.items()]
        listed = [one for one in made if one.party.topics or one.owners]
        return sorted(listed, key=lambda one: (not one.same_identifier, -one.score, one.party.id))[:MOST]

    def _identified(self, identifiers: Sequence[str]) -> set[str]:
        """Return the parties, by id, that have one of these numbers."""
        numbers = {_number(one) for one in identifiers} - {""}
        if not numbers:
            return set()
        return {party.id for party in self._parties.values() if numbers & {_number(one) for one in party.identifiers}}

    def _match(self, id: str, score: float, name: str, country: str, identified: set[str]) -> Match:
        party = self._parties[id]
        known = {one.upper() for one in party.countries}
        same = country.upper() in known if country and known else None
        return Match(party, name, round(score, 1), same, id in identified, self._owners(id))

    def _owners(self, id: str) -> tuple[str, ...]:
        """Return the listed owners that together hold half or more."""
        shares = {owner: share for owner, share in self._owned.get(id, {}).items() if self._is_listed(owner)}
        return tuple(sorted(shares)) if sum(shares.values()) >= HALF else ()

    def _is_listed(self, id: str) -> bool:
        party = self._parties.get(id)
        return party is not None and bool(party.topics)

    @cached_property
    def _names(self) -> list[tuple[str, str, bool]]:
        """Every name with its party, and whether many bear it."""
        return [
            (party.id, name, weak)
            for party in self._parties.values()
            for names, weak in ((party.names, False), (party.weak, True))
            for name in names
        ]

    @cached_property
    def _choices(self) -> list[str]:
        return [normal(name) for _, name, _ in self._names]


def load_lists(paths: Iterable[Path]) -> Screening:
    """Return the lists in files of FollowTheMoney entities. Raises InputError, UsageError with file and line."""
    parties: list[Party] = []
    owned: dict[str, dict[str, float]] = {}
    for path in paths:
        for entity in _entities(path):
            given = entity.properties
            if entity.schema == "Ownership":
                for asset in given.asset:
                    shares = owned.setdefault(asset, {})
                    shares.update(dict.fromkeys(given.owner, _percentage(given.percentage)))
            else:
                parties.append(_party(entity, path.name))
    return Screening(parties, owned)


def normal(name: str) -> str:
    """Return a name as it is compared: without accents, case, punctuation and legal form, its words in order."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one)).casefold()
    words = "".join(one if one.isalnum() else " " for one in plain).split()
    words = [_without_form(word) for word in words]
    kept = [word for word in words if word not in _FORMS] or words
    return " ".join(sorted(kept))


def _without_form(word: str) -> str:
    for form in _CHINESE_FORMS:
        if word.endswith(form) and len(word) > len(form):
            return word.removesuffix(form)
    return word


def _entities(path: Path) -> Iterator[_Entity]:
    decoder = msgspec.json.Decoder(_Entity)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError("this list is too large", where=str(path), expected=f"at most {MOST_BYTES:,} bytes")
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    yield decoder.decode(line)
                except msgspec.DecodeError as error:
                    raise InputError(
                        f"this is no FollowTheMoney entity: {error}",
                        where=f"{path}:{number}",
                        expected="a JSON object a line",
                    ) from None
    except OSError as error:
        raise InputError(f"the list cannot be read: {error.strerror}", where=str(path)) from None


def _party(entity: _Entity, list_: str) -> Party:
    given = entity.properties
    return Party(
        entity.id,
        list_,
        entity.schema,
        tuple(dict.fromkeys((*given.name, *given.alias, *given.previousName))),
        tuple(given.weakAlias),
        tuple(dict.fromkeys((*given.country, *given.jurisdiction))),
        tuple(given.topics),
        (*given.leiCode, *given.registrationNumber, *given.uscCode),
    )


def _percentage(given: Sequence[str]) -> float:
    """Return a share as the list says it; one that it does not say may be all."""
    try:
        return float(given[0].strip().rstrip("%")) if given else 100.0
    except ValueError:
        return 100.0


def _number(text: str) -> str:
    return "".join(one for one in text if one.isalnum()).casefold()
