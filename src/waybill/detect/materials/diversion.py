"""Diversion: a shipment of controlled goods without a licence, past its licence, or to another place than it was sent.

Licences are the permits of the register that shipments name. What is controlled on a day is dated data (``codes``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from waybill.detect.materials.chain import Chain
from waybill.detect.materials.statements import Statement
from waybill.epcis.history.arrays import NONE, Numbers
from waybill.model.custody import DocumentKind
from waybill.model.disclosures import folded, plain
from waybill.model.findings import Part
from waybill.model.register import Permit
from waybill.model.words import Severity


def check(chain: Chain) -> Iterator[Statement]:
    """Tell shipments that no licence covers, and shipments that were received elsewhere."""
    licence = _licences(chain)
    yield from _without(chain, licence)
    for number in np.unique(licence[licence != NONE]):
        permit = chain.history.register.permits[int(number)]
        shipments = np.flatnonzero(licence == number)
        yield from _past(chain, permit, shipments)
        yield from _too_much(chain, permit, shipments)
    yield from _elsewhere(chain)


def _licences(chain: Chain) -> Numbers:
    """Return for each shipment the place in the register of the permit that it names; NONE if it names none."""
    history = chain.history
    known = {permit.id: number for number, permit in enumerate(history.register.permits)}
    events, documents = history.documents(DocumentKind.LICENCE)
    numbers = [known.get(word, known.get(word.rpartition("/")[2], NONE)) for word in documents.words]
    of_event = np.full(len(history.time) + 1, NONE)
    of_event[events] = np.array([*numbers, NONE])[documents.codes]
    return of_event[history.rows.event[chain.movements.sent]]


def _without(chain: Chain, licence: Numbers) -> Iterator[Statement]:
    """Tell controlled goods that leave their country without a licence that is on file."""
    history, rows, moves = chain.history, chain.history.rows, chain.movements
    countries = np.array(history.places.countries)
    home, there = countries[history.places.here[rows.event[moves.sent]]], countries[moves.to]
    abroad = (licence == NONE) & (home != there) & (home != "") & (there != "")
    material = chain.contents.material
    for place in np.flatnonzero(abroad & (material.codes[rows.item.codes[moves.sent]] != NONE)):
        row = int(moves.sent[place])
        word = material.word(int(rows.item.codes[row]))
        codes = chain.codes.controls(word, str(home[place]), history.moment(int(rows.event[row])).date())
        if codes:
            yield Statement(
                "diversion-no-licence",
                [row],
                Severity.CRITICAL,
                {"material": word, "code": ", ".join(codes), "to": history.places.name(int(moves.to[place]))},
                (Part("control code", ", ".join(codes), usual="licence", share=1.0),),
            )


def _past(chain: Chain, permit: Permit, shipments: Numbers) -> Iterator[Statement]:
    """Tell shipments under a licence that is for another consignee or end use, or was not in force."""
    history, rows, moves = chain.history, chain.history.rows, chain.movements
    use = history.stated("endUse")
    for place in shipments:
        row, to = int(moves.sent[place]), int(moves.to[place])
        moment, stated = history.moment(int(rows.event[row])), use.word(row)
        faults = []
        if not _covers(chain, permit, to):
            faults.append(("diversion-consignee", history.places.name(to), permit.place or permit.jurisdiction))
        if permit.end_use and stated and folded(stated) != folded(permit.end_use):
            faults.append(("diversion-end-use", stated, permit.end_use))
        if not _in_force(permit, moment):
            faults.append(("diversion-suspended", f"{moment:%Y-%m-%d}", _validity(permit)))
        for rule, value, usual in faults:
            yield Statement(
                rule,
                [row],
                Severity.HIGH,
                {"licence": permit.id, "value": value or "—", "usual": usual},
                (Part(rule.removeprefix("diversion-"), value, usual=usual, share=1.0),),
            )


def _covers(chain: Chain, permit: Permit, site: int) -> bool:
    register, places = chain.history.register, chain.history.places
    if site == NONE:
        return True  # the shipment does not say where it goes
    if permit.place and permit.place not in register.place_and_above(register.place(places.name(site))):
        return False
    return not permit.jurisdiction or permit.jurisdiction == places.country(site)


def _in_force(permit: Permit, moment: datetime) -> bool:
    begun = permit.valid_from is None or permit.valid_from <= moment
    lasts = permit.valid_until is None or moment < permit.valid_until
    return begun and lasts and not permit.is_suspended(moment)


def _validity(permit: Permit) -> str:
    days = [f"{day:%Y-%m-%d}" if day else "" for day in (permit.valid_from, permit.valid_until)]
    suspended = [f"{day:%Y-%m-%d}" if day else "" for day in (permit.suspended_from, permit.suspended_until)]
    return "–".join(days) + (f" (suspended {'–'.join(suspended)})" if permit.suspended_from else "")


def _too_much(chain: Chain, permit: Permit, shipments: Numbers) -> Iterator[Statement]:
    """Tell the shipments with which more was drawn than the licence allows, in the order of time."""
    if permit.max_kilograms is None:
        return
    limit, rows = float(permit.max_kilograms), chain.history.rows
    shipments = shipments[np.argsort(rows.event[chain.movements.sent[shipments]], kind="stable")]
    sent = chain.movements.sent[shipments]
    drawn = np.cumsum(np.nan_to_num(rows.kilograms[sent]))
    for place in np.flatnonzero(drawn > limit * (1 + 1e-9)):
        yield Statement(
            "diversion-balance",
            [int(sent[place]), *sent[:place].tolist()],
            Severity.HIGH,
            {"licence": permit.id, "value": f"{drawn[place]:.6g}", "usual": plain(permit.max_kilograms)},
            (Part("drawn, kg", f"{drawn[place]:.6g}", usual=plain(permit.max_kilograms), share=1.0),),
        )


def _elsewhere(chain: Chain) -> Iterator[Statement]:
    history, moves = chain.history, chain.movements
    for place in np.flatnonzero((moves.elsewhere != NONE) & (moves.to != NONE)):
        receipt = int(moves.elsewhere[place])
        to, at = history.places.name(int(moves.to[place])), history.places.name(int(moves.at[receipt]))
        yield Statement(
            "diversion-elsewhere",
            [int(moves.got[receipt]), int(moves.sent[place])],
            Severity.HIGH,
            {"to": to, "at": at},
            (Part("received at", at, usual=to, share=1.0),),
        )
