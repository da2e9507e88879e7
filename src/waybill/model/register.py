"""Assets, parties, places and permits as records, and the snapshot of them that detectors read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property

import msgspec

from waybill.model.disclosures import Disclosure, Duty, Price
from waybill.model.matching import Matcher
from waybill.model.words import AssetKind, Grade, PartyKind

DECOY_FIELD = "waybill.decoy"
"""Field of a transfer that names the deliveries whose decoys were in its record, in place of the values."""

TELLING_NAME = 8
"""Characters that a file name must have to mean the same file elsewhere: there are many of the name ``a.pdf``."""

LEAST_SHARE, LEAST_RECORDS = 0.02, 10
"""Share of a document or a table, or records of one, below which it is a quotation or a letter to whom it concerns."""


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """Something controlled (OCSF ``resource_details``, ISO/IEC 27001 A.5.9)."""

    id: str
    name: str
    kind: AssetKind
    grade: Grade
    owner: str = ""
    home: str = ""
    """Id of the place where it belongs; a transfer that ends there, or below it, needs no permit."""
    public_interest: bool = False
    """True where the public has an interest in it: prices paid with public money, environment, safety, casualties."""
    patterns: tuple[str, ...] = ()
    """How logs name it: exact names, or prefixes ending in ``*``. The id itself always matches."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A person (by pseudonym), a service, an organisation or a site."""

    id: str
    kind: PartyKind
    org: str = ""
    jurisdiction: str = ""
    roles: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """What else logs call a person: accounts, addresses, employee number, name in another script. Read from files
    and sealed; a register that is stored or seen by detectors has none."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where something is: host, bucket, domain, site; places nest by ``parent``."""

    id: str
    name: str = ""
    jurisdiction: str = ""
    """ISO 3166-1 alpha-2 code."""
    parent: str = ""
    patterns: tuple[str, ...] = ()
    """How logs name it: exact names, prefixes ending in ``*``, domains starting with ``.``, CIDR blocks."""
    approved_egress: bool = False
    """True where the organisation approved that assets leave over this place."""


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """Who may transfer what, where, until when, how much, on which basis.

    An empty field does not restrict. ``asset``, ``place`` and ``party`` are ids of the register; a place covers
    all places below it, an organisation all parties that belong to it.
    """

    id: str
    asset: str
    party: str = ""
    place: str = ""
    jurisdiction: str = ""
    channel: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """First moment at which it no longer holds."""
    max_bytes: int | None = None
    """Total over the permit's life, per asset."""
    max_records: int | None = None
    """Total over the permit's life, per asset."""
    max_kilograms: Decimal | None = None
    """Of a material, in total over the permit's life."""
    end_use: str = ""
    """What a material or a device may be used for; case and width of letters make no difference."""
    suspended_from: datetime | None = None
    """Since when it is suspended; a suspension without an end holds until further notice."""
    suspended_until: datetime | None = None
    basis: str = ""
    """The licence, contract or decision it rests on."""

    def is_suspended(self, moment: datetime) -> bool:
        """Return whether it was suspended at that moment."""
        if self.suspended_from is None or moment < self.suspended_from:
            return False
        return self.suspended_until is None or moment < self.suspended_until


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What an inspection found in something that logs may name: it holds a registered document, or a mark of ours."""

    name: str
    """Its file name, object key or table."""
    place: str = ""
    """Where it was inspected."""
    asset: str = ""
    """Id of the registered asset whose document it holds; empty where only its kinds of data are known."""
    document: str = ""
    """Name of that document."""
    share: float = 0.0
    """Share of the document that it holds, 0 to 1."""
    records: int = 0
    """Of a registered table: how many different records of it are in it; the share is then of the table."""
    grade: Grade = Grade.GENERAL
    """Suggested by its kinds of data."""
    delivery: str = ""
    """Id of the delivery whose marked copy or decoys it holds."""
    digest: str = ""
    """SHA-256 of it, in hex; logs may name a file by that alone."""

    @property
    def is_quotation(self) -> bool:
        """Whether it holds too little to be told."""
        return is_quotation(self.share, self.records)


class Decoy(msgspec.Struct, frozen=True, kw_only=True):
    """What nobody has a reason to touch: rows of nobody in a table, or a thing that is only there to be found."""

    id: str
    """Id of its delivery; collection names it in the field ``DECOY_FIELD`` of a record that holds one of its values."""
    document: str
    """Name of the table, or of the thing, as logs name it."""
    asset: str
    """Id of the registered asset that it belongs to."""
    is_thing: bool = False
    """Whether the thing itself is the decoy, so that a log that names it tells of a touch."""


def is_quotation(share: float, records: int = 0) -> bool:
    """Return whether so much of a document, or so many records of a table, say nothing by themselves."""
    return share < LEAST_SHARE and records < LEAST_RECORDS


class RegisterSnapshot(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The register as it stood at one moment; detectors see this and never the register itself."""

    assets: tuple[Asset, ...] = ()
    parties: tuple[Party, ...] = ()
    places: tuple[Place, ...] = ()
    permits: tuple[Permit, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    duties: tuple[Duty, ...] = ()
    prices: tuple[Price, ...] = ()
    contents: tuple[Content, ...] = ()
    """What inspections found in things that logs may name."""
    decoys: tuple[Decoy, ...] = ()

    def asset_of(self, name: str | None) -> Asset | None:
        """Return the registered asset that a log means by ``name``; the longest pattern wins."""
        return self._assets.match(name) if name else None

    def content_of(self, name: str | None) -> Content | None:
        """Return what was found in the thing that a log means by ``name``: a path, or its last part alone."""
        if not name:
            return None
        whole = name.casefold()
        return self._contents.get(whole) or self._contents.get(_last(whole))

    def decoy_of(self, name: str | None) -> Decoy | None:
        """Return the decoy that a log means by ``name``; its last part alone counts where it is telling."""
        if not name or not self._decoys:
            return None
        whole = name.casefold()
        return self._decoys.get(whole) or self._decoys.get(_last(whole))

    def content_by(self, digest: str) -> Content | None:
        """Return what was found in the thing with this SHA-256, in hex."""
        return self.digests.get(digest.lower())

    def asset(self, asset_id: str | None) -> Asset | None:
        """Return the asset with this id."""
        return self._asset_by_id.get(asset_id) if asset_id else None

    def place_of(self, name: str | None) -> Place | None:
        """Return the registered place that a log means by ``name``; exact before domain before block before prefix."""
        return self._places.match(name) if name else None

    def party(self, party_id: str | None) -> Party | None:
        """Return the party with this id.

        Logs keep a person's domain beside the pseudonym (``p-…@domain``, ``DOMAIN\\p-…``); such a name means the
        person, and only a person: of others, ``info@elsewhere`` is not ``info``.
        """
        if not party_id:
            return None
        found = self._parties.get(party_id)
        if found is None and ("@" in party_id or "\\" in party_id):
            person = self._parties.get(party_id.rpartition("\\")[2].partition("@")[0])
            found = person if person is not None and person.kind is PartyKind.PERSON else None
        return found

    def place(self, place_id: str | None) -> Place | None:
        """Return the place with this id."""
        return self._place_by_id.get(place_id) if place_id else None

    def place_and_above(self, place: Place | None) -> Sequence[str]:
        """Return the ids of ``place`` and of every place it lies in, innermost first."""
        chain: list[str] = []
        while place is not None and place.id not in chain:
            chain.append(place.id)
            place = self._place_by_id.get(place.parent)
        return chain

    @cached_property
    def permits_by_asset(self) -> dict[str, tuple[Permit, ...]]:
        """Permits grouped by the id of the asset they name."""
        grouped: dict[str, list[Permit]] = {}
        for permit in self.permits:
            grouped.setdefault(permit.asset, []).append(permit)
        return {asset: tuple(permits) for asset, permits in grouped.items()}

    @cached_property
    def digests(self) -> dict[str, Content]:
        """What was found in things, by their SHA-256; of several, what holds the largest share."""
        ordered = sorted(self.contents, key=lambda one: (one.share, one.grade.rank))
        return {content.digest: content for content in ordered if content.digest}

    @cached_property
    def _contents(self) -> dict[str, Content]:
        known: dict[str, Content] = {}
        for content in sorted(self.contents, key=lambda one: (one.share, one.grade.rank)):
            name = content.name.casefold()
            known[f"{content.place.casefold()}/{name}"] = content
            known |= {one: content for one in (name, _last(name)) if len(one) >= TELLING_NAME}
        return known

    @cached_property
    def _decoys(self) -> dict[str, Decoy]:
        known: dict[str, Decoy] = {}
        for decoy in self.decoys:
            if decoy.is_thing:
                name = decoy.document.casefold()
                known |= {one: decoy for one in (name, _last(name)) if one == name or len(one) >= TELLING_NAME}
        return known

    @cached_property
    def _assets(self) -> Matcher[Asset]:
        return Matcher((asset, (asset.id, *asset.patterns)) for asset in self.assets)

    @cached_property
    def _places(self) -> Matcher[Place]:
        return Matcher((place, (place.id, *place.patterns)) for place in self.places)

    @cached_property
    def _asset_by_id(self) -> dict[str, Asset]:
        return {asset.id: asset for asset in self.assets}

    @cached_property
    def _place_by_id(self) -> dict[str, Place]:
        return {place.id: place for place in self.places}

    @cached_property
    def _parties(self) -> dict[str, Party]:
        return {party.id: party for party in self.parties}


def _last(name: str) -> str:
    """Return the last part of a path or key."""
    return name.replace("\\", "/").rpartition("/")[2]
