"""Turns findings into rows of a report: where things went, what is known beside it, and what must be withheld."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec

from waybill.detect.coverage import SilentSourceDetector, UnwatchedAssetDetector
from waybill.detect.disclosure import DisclosureDetector
from waybill.flow.passages import Passage
from waybill.model.findings import SHIELDED, Finding, Text, gravity
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.words import Intent
from waybill.register.pseudonyms import PREFIX
from waybill.report import End, Row, lane_of
from waybill.report.wording import WITHHELD

Look = Callable[[Collection[str]], Mapping[str, Passage]]
"""Returns the passages of transfers by id, of those that are known."""

ASKED = 50
"""Transfers of one finding whose way is asked for; their ids are random, so they are a fair sample of more."""

OLD = "legacy"
"""Role of a party of the register that is an old system."""

WAYLESS = frozenset({SilentSourceDetector.name, UnwatchedAssetDetector.name, DisclosureDetector.name})
"""Detectors whose evidence went no way that matters: what was seen of a source last, and reports with their figures."""

INTENT = "intent."
"""Beginning of a finding's tag that says why it happened: ``intent.accident``, ``intent.deliberate``."""

_PSEUDONYM = rf"{PREFIX}[a-z2-7]{{16}}(?:@[0-9a-z.-]*)?"
_LETTER = "[0-9a-z_]"
"""Ends a name on neither side; letters of Chinese sentences do, which stand beside names without a space."""


def rows_of(
    findings: Iterable[tuple[Finding, str]], register: RegisterSnapshot, look: Look, *, withheld: bool = False
) -> tuple[Row, ...]:
    """Return a row for each finding and its state, the gravest first, those that do not count last.

    Where the public has an interest in the asset, the row names neither who acted nor what points at them; with
    ``withheld`` no row does.
    """
    stated = list(findings)
    assets = [register.asset_of(finding.asset) for finding, _ in stated]
    wanted = {
        transfer
        for (finding, _), asset in zip(stated, assets, strict=True)
        for transfer in (finding.transfers if withheld or is_withheld(finding, asset) else finding.transfers[:ASKED])
    }
    known, teller = look(wanted), _Teller(register, withheld)
    rows = [
        teller.row(finding, state, asset, [known[one] for one in finding.transfers if one in known])
        for (finding, state), asset in zip(stated, assets, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: (not row.counts, gravity(row.finding))))


def is_withheld(finding: Finding, asset: Asset | None) -> bool:
    """Return whether who acted is withheld: where the public has an interest, as it has in what must be filed, and in
    protected disclosures.
    """
    if SHIELDED in finding.tags:
        return True
    return finding.detector == DisclosureDetector.name or (asset is not None and asset.public_interest)


class _Teller:
    """Tells findings by what the register knows."""

    def __init__(self, register: RegisterSnapshot, withheld: bool) -> None:
        self._register = register
        self._withheld = withheld
        self._old = frozenset(party.id.casefold() for party in register.parties if OLD in party.roles)

    def row(self, finding: Finding, state: str, asset: Asset | None, passages: Sequence[Passage]) -> Row:
        """Return the row of a finding; ``passages`` are those of its transfers that are known."""
        withheld = self._withheld or is_withheld(finding, asset)
        moved = passages if finding.detector not in WAYLESS else ()
        ways = Counter((self._origin(one, withheld), self._destination(one, withheld)) for one in moved)
        origin, destination = ways.most_common(1)[0][0] if ways else (End(), End())
        kinds = [str(asset.kind)] if asset else [one.asset_kind for one in passages if one.asset_kind]
        return Row(
            finding=without_actor(finding, passages) if withheld else finding,
            lane=lane_of(kinds[0] if kinds else "", finding.detector, finding.channel),
            asset=asset.name if asset else finding.asset,
            origin=origin,
            destination=destination,
            more_destinations=max(0, len({end for _, end in ways}) - 1),
            intent=_intent(finding),
            old_system=any(map(self._is_old, passages)) if self._old and passages else None,
            state=state,
            withheld=withheld,
        )

    def _origin(self, passage: Passage, withheld: bool) -> End:
        return self._end(passage.from_place, "", withheld)

    def _destination(self, passage: Passage, withheld: bool) -> End:
        return self._end(passage.to_place or passage.to_party, passage.to_jurisdiction, withheld)

    def _end(self, name: str, jurisdiction: str, withheld: bool) -> End:
        """Return an end; of one that is withheld only the registered place, since a desk or a mailbox is a person."""
        place = self._register.place_of(name) or self._register.place_of(name.rpartition("@")[2])
        return End(
            name="" if withheld else name,
            place=(place.name or place.id) if place else "",
            jurisdiction=jurisdiction or (place.jurisdiction if place else ""),
        )

    def _is_old(self, passage: Passage) -> bool:
        through = passage.application, passage.source, passage.from_place, passage.actor
        return any(name.casefold() in self._old for name in through)


def _intent(finding: Finding) -> Intent:
    said = {tag.removeprefix(INTENT) for tag in finding.tags if tag.startswith(INTENT)}
    return next((intent for intent in Intent if str(intent) in said), Intent.UNKNOWN)


def without_actor(finding: Finding, passages: Iterable[Passage]) -> Finding:
    """Return the finding without pseudonyms, and without names of accounts, desks and receivers of its transfers."""
    names = {name for one in passages for name in (one.actor, one.from_place, one.to_place, one.to_party)}
    names |= {finding.subject}
    told = sorted((name for name in names if len(name) > 1), key=len, reverse=True)
    patterns = [_PSEUDONYM, *(rf"(?<!{_LETTER}){re.escape(name)}(?!{_LETTER})" for name in told)]
    hidden = re.compile("|".join(patterns), re.IGNORECASE)

    def hide(text: str, instead: str = WITHHELD.en) -> str:
        return hidden.sub(f"[{instead}]", text)

    def hide_both(text: Text) -> Text:
        return Text(hide(text.en), hide(text.zh, WITHHELD.zh))

    return msgspec.structs.replace(
        finding,
        subject="",
        title=hide_both(finding.title),
        sentence=hide_both(finding.sentence),
        advice=hide_both(finding.advice),
        source=msgspec.structs.replace(finding.source, file=hide(finding.source.file)),
        parts=tuple(
            msgspec.structs.replace(part, value=hide(part.value), usual=hide(part.usual), peers=hide(part.peers))
            for part in finding.parts
        ),
    )
