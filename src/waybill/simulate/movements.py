"""A day of transfers in Waybill's own format: e-mail, files, code, an order API, and freight of material lots."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import orjson

from waybill.model.words import Action, AssetKind, Channel, PartyKind
from waybill.simulate.cast import Cast, Organisation
from waybill.simulate.feeds import Feed, Marks, Record, Role, Tag, write_lines

PAGE = 500
"""Customers on one page of the order API."""
ALLOWED = 10_000
"""Customers that the partner's permit lets it fetch; see ``books``."""
PAGES = 24
"""Pages that each partner fetches: the analyst's last four go beyond its permit, the courier's permit covers all."""
ANALYST, COURIER = "svc-analytics", "svc-courier"
LICENSED_LOT = "LOT-NB-2603-07"
CONTRACT = "供货协议-2026-稀土磁体.pdf"


def feed(cast: Cast, count: int) -> Feed:
    """Return ``count`` ordinary transfers and the marked ones."""
    feed = Feed()
    for _ in range(count):
        moment, organisation = cast.moment(), cast.organisation()
        make = cast.random.choices(_ORDINARY, weights=_WEIGHTS)[0]
        feed.add(moment, _transfer(cast, moment, organisation, **make(cast, organisation)))
    _ship_lots(cast, feed)
    _drain_customers(cast, feed)
    _mail_contract(cast, feed)
    _broken(cast, feed)
    _write_to_protected(cast, feed)
    return feed


def write(folder: Path, feed: Feed) -> Marks:
    """Write the day as JSON lines packed with xz."""
    return write_lines(folder, "transfers/day.ndjson.xz", feed)


def _ship_lots(cast: Cast, feed: Feed) -> None:
    """Give a lot a new label and ship it abroad under it without a permit; the twin is the lot with a licence."""
    lot = f"LOT-NB-2603-{cast.random.randrange(20, 99)}"
    label = f"{lot}-R{cast.token(6).upper()}"
    waybill, licensed = f"AWB-{cast.digits(9)}", f"AWB-{cast.digits(9)}"
    relabelled = cast.at(2 + cast.random.random())
    deed = {"action": Action.WRITE, "asset": label, "to_place": "magnet-plant", "relabelled_from": lot}
    feed.add(relabelled, _lot(cast, relabelled, **deed))
    for role, asset, number in ((Role.LEAK, label, waybill), (Role.TWIN, LICENSED_LOT, licensed)):
        moment = cast.at(4 + 5 * cast.random.random())
        shipment = {"action": Action.SHIP, "asset": asset, "to_place": "warehouse-rotterdam", "to_jurisdiction": "NL"}
        feed.add(moment, _lot(cast, moment, **shipment, waybill=number), Tag(role, number, "lot-shipped"))


def _drain_customers(cast: Cast, feed: Feed) -> None:
    """Fetch customers page by page: the analyst takes more than its permit says, the courier stays within its own."""
    for service, role, hour in ((ANALYST, Role.LEAK, 3.0), (COURIER, Role.TWIN, 6.0)):
        for page in range(1, PAGES + 1):
            moment, request = cast.at(hour + page / 40 + cast.random.random() / 100), cast.uuid()
            record = _transfer(
                cast,
                moment,
                cast.shop,
                action=Action.DOWNLOAD,
                channel=Channel.CLOUD_API,
                actor=service,
                actor_kind=PartyKind.SERVICE,
                application="order-api",
                from_place="order-api.shop.example",
                asset="shop/customers",
                asset_kind=AssetKind.DATA,
                to_place=f"{service.removeprefix('svc-')}.partner.example",
                bytes=PAGE * 210,
                records=PAGE,
                page=page,
                request=request,
            )
            decides = role is Role.TWIN or page * PAGE > ALLOWED
            feed.add(moment, record, Tag(role, request, "customers-drained") if decides else None)


def _mail_contract(cast: Cast, feed: Feed) -> None:
    """Send a contract to a personal mailbox; the twin goes to the supplier, which has a permit."""
    person = cast.person(cast.magnet_maker)
    mailbox = (
        f"{cast.random.choice('abcdefgh')}{cast.digits(8)}@{cast.random.choice(('qq.com', '163.com', 'foxmail.com'))}"
    )
    for role, receiver in ((Role.LEAK, mailbox), (Role.TWIN, "sales@supplier.example")):
        moment, message = cast.moment(), cast.uuid()
        mail = _mail(cast, cast.magnet_maker) | {"asset": CONTRACT, "records": 1, "bytes": 734_003}
        record = _transfer(cast, moment, cast.magnet_maker, **mail)
        to = {"actor": person, "to_party": receiver, "to_place": receiver.partition("@")[2], "message": message}
        feed.add(moment, record | to, Tag(role, message, "contract-mailed"))


def _broken(cast: Cast, feed: Feed) -> None:
    """Add a line that was cut off, and three whose words or figures no transfer has."""
    marker = cast.token()
    feed.add(cast.moment(), b'{"time":"2026-03-02T03:00:00Z","action":"' + marker.encode(), Tag(Role.BROKEN, marker))
    faults: tuple[Record, ...] = ({"action": "teleport"}, {"bytes": -1}, {"time": "the other day"})
    for fault in faults:
        moment, marker = cast.moment(), cast.token()
        record = _transfer(cast, moment, cast.shop, **_save(cast, cast.shop)) | {"note": marker} | fault
        feed.add(moment, record, Tag(Role.BROKEN, marker))


def _write_to_protected(cast: Cast, feed: Feed) -> None:
    """Write to the whistle-blower line, once in a whole line and once in one that was cut off."""
    moment, marker = cast.moment(), cast.token()
    to = {"to_party": "integrity@ombudsman.example", "to_place": "ombudsman.example", "asset": f"陈述-{marker}.docx"}
    record = _transfer(cast, moment, cast.magnet_maker, **_mail(cast, cast.magnet_maker)) | to
    feed.add(moment, record, Tag(Role.PROTECTED, marker))
    marker = cast.token()
    cut = orjson.dumps(record | {"asset": f"陈述-{marker}.docx"})[:-9]
    feed.add(cast.moment(), cut, Tag(Role.PROTECTED, marker))


def _transfer(cast: Cast, moment: datetime, organisation: Organisation, **more: object) -> Record:
    return {
        "time": f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z",
        "outcome": "success",
        "actor": cast.person(organisation),
        "actor_kind": PartyKind.PERSON,
        "actor_org": organisation.domain,
        "from_place": cast.host(organisation),
        **more,
    }


def _lot(cast: Cast, moment: datetime, **more: object) -> Record:
    """Return a transfer of a lot of sintered magnets, in kilograms (UN/ECE Recommendation 20: KGM)."""
    base = {"channel": Channel.FREIGHT, "application": "warehouse", "asset_kind": AssetKind.MATERIAL, "unit": "KGM"}
    place = {"from_place": "magnet-plant", "quantity": float(cast.random.randrange(40, 400))}
    return _transfer(cast, moment, cast.magnet_maker, **{**base, **place, **more})


def _mail(cast: Cast, organisation: Organisation) -> Record:
    colleague = cast.random.choice((organisation, cast.organisation()))
    return {
        "action": Action.SEND,
        "channel": Channel.EMAIL,
        "application": "mail-gateway",
        "asset": f"{cast.random.choice(('日程', '纪要', '报价', 'drawing list', 'minutes'))}-{cast.token(8)}.pdf",
        "asset_kind": AssetKind.DOCUMENT,
        "from_place": organisation.domain,
        "to_place": colleague.domain,
        "to_party": f"{cast.person(colleague)}@{colleague.domain}",
        "bytes": cast.random.randrange(4_000, 900_000),
        "records": cast.random.randrange(0, 3),
    }


def _save(cast: Cast, organisation: Organisation) -> Record:
    share = f"fs-{organisation.domain.partition('.')[0]}"
    path = f"/projects/{cast.random.randrange(1, 60):02d}/{cast.token(8)}.docx"
    size = cast.random.randrange(10_000, 5_000_000)
    return {"action": Action.COPY, "channel": Channel.FILE, "asset": path, "to_place": share, "bytes": size}


def _tape_out(cast: Cast, _organisation: Organisation) -> Record:
    """Copy a chip layout between two machines of its home."""
    return {
        "action": Action.COPY,
        "channel": Channel.FILE,
        "actor": cast.person(cast.chip_house),
        "actor_org": cast.chip_house.domain,
        "asset": f"/tapeout/{cast.random.choice(('npu', 'pmic', 'mcu'))}/{cast.token(8)}.gds",
        "from_place": "eda-01",
        "to_place": "eda-store",
        "bytes": cast.random.randrange(10**6, 10**8),
    }


def _push(cast: Cast, organisation: Organisation) -> Record:
    team = organisation.domain.partition(".")[0]
    return {
        "action": Action.UPLOAD,
        "channel": Channel.CODE,
        "application": "git",
        "asset": f"{team}/{cast.random.choice(('web', 'firmware', 'tools', 'tests'))}",
        "to_place": f"git.{organisation.domain}",
    }


def _store_lot(cast: Cast, _organisation: Organisation) -> Record:
    """Move a lot from the plant to the store at home."""
    return {
        "action": Action.SHIP,
        "channel": Channel.FREIGHT,
        "actor": cast.person(cast.magnet_maker),
        "actor_org": cast.magnet_maker.domain,
        "asset": f"LOT-NB-2603-{cast.random.randrange(10, 99)}",
        "asset_kind": AssetKind.MATERIAL,
        "from_place": "magnet-plant",
        "to_place": "magnet-store",
        "quantity": float(cast.random.randrange(40, 400)),
        "unit": "KGM",
    }


_ORDINARY: tuple[Callable[[Cast, Organisation], Record], ...] = (_mail, _save, _tape_out, _push, _store_lot)
_WEIGHTS = (45, 30, 8, 10, 7)
