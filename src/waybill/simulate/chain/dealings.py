"""Diversions in trade: past licences, under thresholds, by new papers, out of sight, and in the records themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from waybill.simulate.chain.diversions import DAY, HOUR, Stage
from waybill.simulate.chain.goods import Lot
from waybill.simulate.chain.sites import Site, Task

THRESHOLD = 25.0
"""Kilograms of a shipment from which a chain must report it, in these worlds."""


def _licensed(stage: Stage, time: datetime, to: Site, licence: str, **papers: Any) -> list[str]:
    """Ship dysprosium oxide under a licence, and receive it."""
    oxides, ready = stage.oxides(time)
    stated: dict[str, Any] = {"licence": licence, "endUse": "motors", **papers}
    sent = stage.works.ship_lot(stage.plant, to, ready, oxides["Dy2O3"], **stated)
    stage.works.receive(sent)
    return [sent.event]


def no_licence(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """Dysprosium oxide goes abroad without a licence; the twin goes to the smelter at home."""
    to = stage.works.customer("US") if leak else stage.works.only(Task.SMELTER)
    return _licensed(stage, time, to, "")


def other_consignee(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """The licence is for a customer in Germany, the shipment goes to one in Vietnam; the twin goes to the right one."""
    return _licensed(stage, time, stage.works.customer("VN" if leak else "DE"), stage.licences["DE"])


def other_use(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """The papers state another end use than the licence."""
    use = "guidance systems" if leak else "Motors"
    return _licensed(stage, time, stage.works.customer("DE"), stage.licences["DE"], endUse=use)


def over_licence(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A licence for little is used for much; the twin's is for much."""
    return _licensed(stage, time, stage.works.customer("JP"), stage.licences["little" if leak else "much"])


def suspended(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A licence is used while it is suspended; the twin's never is."""
    return _licensed(stage, time, stage.works.customer("JP"), stage.licences["suspended" if leak else "much"])


def elsewhere(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """What was sent to Germany is received in Vietnam; the twin arrives where it was sent."""
    works = stage.works
    oxides, ready = stage.oxides(time)
    sent = works.ship_lot(stage.plant, works.customer("DE"), ready, oxides["CeO2"], mode="sea")
    return [works.receive(sent, at=works.customer("VN") if leak else None)]


def split(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """Shipments just under the threshold, one after another; the twin's are of all sizes below it."""
    works = stage.works
    oxides, ready = stage.oxides(time)
    lot, customer = oxides["La2O3"], works.customer("JP" if leak else "US")
    events = []
    for number in range(6):
        kilograms = THRESHOLD * (works.random.uniform(0.93, 0.995) if leak else works.random.uniform(0.08, 0.5))
        sent = works.ship_lot(stage.plant, customer, ready + 3 * number * DAY, lot, round(kilograms, 1), mode="air")
        works.receive(sent)
        events.append(sent.event)
    return events


def new_origin(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A lot leaves the hub with another country of origin than it came with."""
    works, hub = stage.works, stage.works.only(Task.HUB)
    oxides, ready = stage.oxides(time)
    lot = oxides["CeO2"]
    arrived = works.ship_lot(stage.plant, hub, ready, lot)
    works.receive(arrived)
    papers: dict[str, Any] = {"countryOfOrigin": "VN" if leak and lot.origin != "VN" else lot.origin}
    sent = works.ship_lot(hub, works.customer("US"), arrived.arrives + 2 * DAY, lot, **papers)
    works.receive(sent)
    return [sent.event]


def new_lot(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A lot ends at the hub, and another of the same weight begins there with a new name and origin.

    The twin repacks it, and says so.
    """
    works, hub = stage.works, stage.works.only(Task.HUB)
    oxides, ready = stage.oxides(time)
    lot = oxides["La2O3"]
    arrived = works.ship_lot(stage.plant, hub, ready, lot)
    works.receive(arrived)
    origin = "VN" if leak else lot.origin
    new = Lot(works.catalogue.lot("La2O3"), "La2O3", lot.kilograms, origin, lot.shares, dict(lot.papers))
    moment, stated = arrived.arrives + 4 * DAY, {"countryOfOrigin": origin}
    if leak:
        made = works.scribe.observe(hub, moment, "commissioning", [new.all], action="ADD", ilmd=stated)
    else:
        made = works.scribe.transform(hub, moment, "repackaging", [lot.all], [new.all], ilmd=stated)
    event = works.scribe.write(hub, made)
    works.receive(works.ship_lot(hub, works.customer("US"), moment + 2 * DAY, new))
    return [event]


def less_arrived(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A tenth of what was sent does not arrive; the twin loses some moisture."""
    works = stage.works
    oxides, ready = stage.oxides(time)
    sent = works.ship_lot(stage.plant, works.customer("DE"), ready, oxides["CeO2"])
    return [works.receive(sent, share=0.9 if leak else 0.998)]


def lost(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """What was shipped never arrives; the twin does, late."""
    works = stage.works
    oxides, ready = stage.oxides(time)
    sent = works.ship_lot(stage.plant, works.customer("VN"), ready, oxides["La2O3"])
    if not leak:
        works.receive(sent, moment=sent.arrives + 6 * DAY)
    return [sent.event]


def never_shipped(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A customer receives a lot of the plant that it never shipped; the twin is shipped."""
    works = stage.works
    oxides, ready = stage.oxides(time)
    sent = works.ship_lot(stage.plant, works.customer("VN"), ready, oxides["CeO2"])
    if leak:
        works.scribe.captured.pop()
    return [works.receive(sent)]


def held_back(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A shipment is recorded forty days after it left; the twin two days after."""
    works = stage.works
    oxides, ready = stage.oxides(time)
    sent = works.ship_lot(stage.plant, works.customer("VN"), ready, oxides["CeO2"], late=timedelta(40 if leak else 2))
    works.receive(sent)
    return [sent.event]


def taken_back(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A shipment that has arrived is declared never to have happened; the twin is put right by another record."""
    works = stage.works
    oxides, ready = stage.oxides(time)
    sent = works.ship_lot(stage.plant, works.customer("VN"), ready, oxides["CeO2"])
    wrong = works.scribe.captured[-1]
    corrective: list[str] = []
    if not leak:
        right = works.ship_lot(stage.plant, works.customer("VN"), ready + HOUR, oxides["CeO2"])
        corrective.append(right.event)
    works.receive(sent)
    declaration = {
        "declarationTime": f"{sent.arrives + 9 * DAY:%Y-%m-%dT%H:%M:%S}.000+00:00",
        "reason": "did_not_occur" if leak else "incorrect_data",
    }
    repeated = {
        **wrong.event,
        "errorDeclaration": declaration | ({"correctiveEventIDs": corrective} if corrective else {}),
    }
    works.scribe.repeat(wrong, repeated, sent.arrives + 9 * DAY)
    return [sent.event]
