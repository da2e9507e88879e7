"""One record of each kind that the writers know, and what a reader must understand of it; all of it is invented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from waybill.simulate.sources import (
    Layout,
    cloudtrail,
    endpoint,
    github,
    hr,
    microsoft365,
    ocsf,
    okta,
    transfers,
    windows,
)

NOW = datetime(2026, 3, 2, 9, 14, 5, 123_000, tzinfo=UTC)
PERSON, MAIL, ADDRESS, OUTSIDE = "lin.qing", "lin.qing@magnets.example", "10.10.3.7", "203.0.113.9"
HOST, GIT = "MA-WS-0417", r"C:\Program Files\Git\cmd\git.exe"

Write = Callable[[Random], bytes]


@dataclass(frozen=True)
class Sample:
    """A kind of record: the source that reads it, its files, who acts, and the columns that matter."""

    source: str
    layout: Layout
    write: Write
    person: str
    columns: dict[str, Any]


SAMPLES: dict[str, Sample] = {}


def sample(name: str, source: str, layout: Layout, write: Write, person: str = "", **columns: Any) -> None:
    """Add a sample."""
    SAMPLES[name] = Sample(source, layout, write, person, columns)


def _microsoft365() -> None:
    site, path = "https://magnets.sharepoint.example/sites/process", "Shared Documents/配方/etch 7.xlsx"
    who: dict[str, Any] = {"user": MAIL, "address": ADDRESS}
    where: dict[str, Any] = {**who, "site": site, "path": path}
    asset, place = f"{site}/{path}", f"{site}/"

    def add(name: str, write: Write, **columns: Any) -> None:
        sample(f"microsoft365 {name}", "microsoft-365", microsoft365.LAYOUT, write, MAIL, **columns)

    add(
        "send",
        lambda random: microsoft365.send(
            random, NOW, **who, subject="Re: lots", size=9000, attachments=[("纪要 1.pdf", 7000)]
        ),
        action="send",
        channel="email",
        asset="Re: lots",
        from_place=ADDRESS,
        bytes=9000,
    )
    for blocked, outcome in ((False, "success"), (True, "blocked")):
        add(
            f"dlp_rule_match {outcome}",
            lambda random, blocked=blocked: microsoft365.dlp_rule_match(  # type: ignore[misc]
                random, NOW, user=MAIL, subject="plan", to=["b@abroad.example"], policy="p", rule="r", blocked=blocked
            ),
            action="send",
            channel="email",
            outcome=outcome,
            asset="plan",
            from_place="magnets.example",
            to_place="abroad.example",
        )
    add(
        "mail_items_accessed",
        lambda random: microsoft365.mail_items_accessed(random, NOW, **who, messages=[("<a@b.example>", 10)]),
        action="read",
        channel="email",
        asset="\\Inbox",
        from_place="Exchange",
        to_place=ADDRESS,
    )
    add(
        "new_inbox_rule",
        lambda random: microsoft365.new_inbox_rule(random, NOW, **who, rule="x", forward_to="me@mail.example"),
        action="configure",
        channel="email",
        to_place="mail.example",
    )
    for operation, action, ends in (
        ("FileAccessed", "read", (place, ADDRESS)),
        ("FileDownloaded", "download", (place, ADDRESS)),
        ("FileUploaded", "upload", (ADDRESS, place)),
    ):
        add(
            operation,
            lambda random, operation=operation: microsoft365.file(random, NOW, operation, **where, size=123),  # type: ignore[misc]
            action=action,
            channel="cloud-storage",
            asset=asset,
            from_place=ends[0],
            to_place=ends[1],
            bytes=123,
        )
    add(
        "sharing_set",
        lambda random: microsoft365.sharing_set(random, NOW, **where, target="x_y@abroad.example"),
        action="share",
        asset=asset,
        to_place="abroad.example",
    )
    add(
        "anonymous_link_created",
        lambda random: microsoft365.anonymous_link_created(random, NOW, **where),
        action="share",
        asset=asset,
        to_party="anyone",
    )
    add(
        "user_logged_in",
        lambda random: microsoft365.user_logged_in(random, NOW, **who),
        action="login",
        from_place=ADDRESS,
    )


def _software_services() -> None:
    login = "lin-qing"
    code: dict[str, Any] = {"actor": login, "address": ADDRESS, "repository": "chips/npu"}
    home, here = {"asset": "chips/npu", "from_place": "chips/npu"}, {"to_place": ADDRESS}

    def add(name: str, write: Write, **columns: Any) -> None:
        sample(f"github {name}", "github-audit", github.LAYOUT, write, login, channel="code", **columns)

    add("clone", lambda random: github.git(random, NOW, "clone", **code), action="download", **home, **here)
    add("fetch", lambda random: github.git(random, NOW, "fetch", **code), action="download", **home, **here)
    add(
        "push",
        lambda random: github.git(random, NOW, "push", **code, transport="http"),
        action="upload",
        from_place=ADDRESS,
        to_place="chips/npu",
    )
    add("create", lambda random: github.create(random, NOW, **code), action="create", **home)
    add("access", lambda random: github.access(random, NOW, **code), action="share", to_party="public", **home)
    add("download_zip", lambda random: github.download_zip(random, NOW, **code), action="download", **home, **here)

    who: dict[str, Any] = {"user": MAIL, "address": ADDRESS}

    def add_okta(name: str, write: Write, **columns: Any) -> None:
        sample(f"okta {name}", "okta", okta.LAYOUT, write, MAIL, from_place=ADDRESS, **columns)

    add_okta("session_start", lambda random: okta.session_start(random, NOW, **who), action="login", outcome="success")
    add_okta(
        "session_start failed",
        lambda random: okta.session_start(random, NOW, **who, succeeded=False),
        action="login",
        outcome="failure",
    )
    add_okta("sso", lambda random: okta.sso(random, NOW, **who, application="erp"), action="login", to_place="erp")
    add_okta(
        "api_token_create",
        lambda random: okta.api_token_create(random, NOW, **who, name="sync"),
        action="create",
        asset="API token sync",
        asset_kind="credential",
    )
    add_okta(
        "consent_grant",
        lambda random: okta.consent_grant(random, NOW, **who, application="mailer", scopes=["mail.read"]),
        asset="mail.read",
        asset_kind="credential",
    )


def _clouds() -> None:
    bucket: dict[str, Any] = {"address": ADDRESS, "bucket": "designs", "key": "机翼/wing.step", "size": 4096}
    person, machine = cloudtrail.user("clinic", PERSON), cloudtrail.role("clinic", "web", "i-0a1b2c3d4e5f60718")
    sample(
        "cloudtrail get_object",
        "aws-cloudtrail",
        cloudtrail.LAYOUT,
        lambda random: cloudtrail.get_object(random, NOW, identity=person, **bucket),
        PERSON,
        action="download",
        asset="s3://designs/机翼/wing.step",
        to_place=ADDRESS,
        bytes=4096,
    )
    sample(
        "cloudtrail put_object",
        "aws-cloudtrail",
        cloudtrail.LAYOUT,
        lambda random: cloudtrail.put_object(random, NOW, identity=machine, **bucket),
        actor="web",
        actor_kind="service",
        action="upload",
        from_place=ADDRESS,
        to_place="s3://designs",
    )
    who: dict[str, Any] = {"user": MAIL, "address": ADDRESS}
    events: dict[str, tuple[Write, dict[str, Any]]] = {
        "sign_in": (
            lambda random: ocsf.sign_in(random, NOW, **who, service="mail"),
            {"action": "login", "to_place": "mail.magnets.example"},
        ),
        "api_call": (
            lambda random: ocsf.api_call(random, NOW, **who, operation="List users", resource="all"),
            {"action": "read", "asset": "all"},
        ),
        "query": (
            lambda random: ocsf.query(random, NOW, **who, database="work", table="rooms"),
            {"action": "read", "channel": "database", "asset": "work.rooms"},
        ),
    }
    for name, (write, columns) in events.items():
        sample(f"ocsf {name}", "ocsf", ocsf.LAYOUT, write, MAIL, from_place=ADDRESS, **columns)


def _windows() -> None:
    who: dict[str, Any] = {"host": HOST, "user": rf"MAGNETS\{PERSON}"}
    program: dict[str, Any] = {**who, "image": GIT}

    def add(name: str, write: Write, person: str = PERSON, from_place: str = HOST, **columns: Any) -> None:
        sample(f"windows {name}", "windows", windows.LAYOUT, write, person, from_place=from_place, **columns)

    add(
        "process_created",
        lambda random: windows.process_created(random, NOW, **program, command="git pull"),
        action="execute",
        application=GIT,
    )
    add(
        "network_connected",
        lambda random: windows.network_connected(
            random, NOW, **program, address=ADDRESS, destination=OUTSIDE, destination_name="cdn.example"
        ),
        action="connect",
        to_place="cdn.example",
    )
    add(
        "file_created",
        lambda random: windows.file_created(random, NOW, **program, path=r"D:\配方\a.txt"),
        action="create",
        asset=r"D:\配方\a.txt",
    )
    add(
        "name_queried",
        lambda random: windows.name_queried(random, NOW, **program, name="www.shop.example"),
        to_place="www.shop.example",
    )
    add(
        "logged_on",
        lambda random: windows.logged_on(random, NOW, **who, address=ADDRESS),
        from_place=ADDRESS,
        action="login",
        to_place=HOST,
    )
    add(
        "object_accessed",
        lambda random: windows.object_accessed(random, NOW, **who, path=r"D:\a.step"),
        action="read",
        channel="file",
        asset=r"D:\a.step",
    )
    add(
        "object_accessed removable",
        lambda random: windows.object_accessed(
            random, NOW, **who, path=r"\Device\HarddiskVolume9\a.step", write=True, removable=True
        ),
        action="copy",
        channel="usb",
        asset=r"\Device\HarddiskVolume9\a.step",
        to_place=r"\Device\HarddiskVolume9",
    )
    add(
        "device_recognised",
        lambda random: windows.device_recognised(random, NOW, host=HOST, description="Kingston", serial="E0D55EA5"),
        person="",
        channel="usb",
        asset=r"USBSTOR\DISK&VEN_KINGSTON&PROD_FLASH&REV_1.00\E0D55EA5&0",
    )
    add(
        "printed",
        lambda random: windows.printed(random, NOW, **who, document="预算.docx", printer="PRN-3F", size=1000, pages=3),
        action="print",
        asset="预算.docx",
        to_place="PRN-3F",
        bytes=1000,
    )
    add(
        "disk_attached",
        lambda random: windows.disk_attached(
            random, NOW, host=HOST, maker="Kingston", model="DataTraveler", serial="E0D55EA5", size=10**9
        ),
        person="",
        channel="usb",
        asset="E0D55EA5",
    )


def _tables() -> None:
    sample(
        "endpoint line",
        "endpoint-agent",
        endpoint.LAYOUT,
        lambda _: endpoint.line(
            NOW, user=PERSON, host=HOST, event="stick-write", file=r"D:\配方\a, b.xlsx", target="U盘 1", kilobytes=3
        ),
        PERSON,
        action="copy",
        channel="usb",
        asset=r"D:\配方\a, b.xlsx",
        from_place=HOST,
        to_place="U盘 1",
        bytes=3072,
    )
    for event in ("joined", "moved", "notice", "left"):
        sample(
            f"hr {event}",
            "hr-feed",
            hr.LAYOUT,
            lambda _, event=event: hr.row(  # type: ignore[misc]
                date(2026, 3, 2),
                employee=PERSON,
                event=event,
                organisation="magnets",
                unit="melt, shop",
                role="engineer",
                until=date(2026, 4, 1) if event == "notice" else None,
            ),
            PERSON,
            logsource=f"hr/employment/{event}",
            actor_org="magnets",
            asset="engineer",
        )
    sample(
        "transfers transfer",
        "waybill",
        transfers.LAYOUT,
        lambda _: transfers.transfer(NOW, action="send", channel="email", actor=PERSON, asset="报价.pdf"),
        PERSON,
        action="send",
        asset="报价.pdf",
    )
    sample(
        "transfers lot",
        "waybill",
        transfers.LOTS,
        lambda _: transfers.lot(
            NOW,
            asset="LOT-ND-0042",
            quantity=412.5,
            from_place="separation-plant",
            to_place="rotterdam",
            to_jurisdiction="NL",
            actor=PERSON,
            actor_org="separation",
            declared=99.5,
            assayed=99.95,
        ),
        PERSON,
        action="ship",
        outcome="success",
        channel="freight",
        asset="LOT-ND-0042",
        asset_kind="material",
        from_place="separation-plant",
        to_place="rotterdam",
        to_jurisdiction="NL",
        quantity=412.5,
        unit="KGM",
    )


_microsoft365()
_software_services()
_clouds()
_windows()
_tables()
