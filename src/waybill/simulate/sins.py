"""Small sins and odd duties: what well-meaning people do now and then, and a strict rule would tell.

They are part of an honest background: a detector pays for each finding that rests on one of them. Public services are
called by their real names here, since rules know them by name; nobody's mailbox is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from waybill.simulate.deeds import Worker
from waybill.simulate.deeds.microsoft import site
from waybill.simulate.names import outside_address
from waybill.simulate.offices import Office
from waybill.simulate.sources import cloudtrail, endpoint, github, microsoft365, okta, squid, windows, workspace
from waybill.simulate.trades import Role, Trade

A_DAY = 0.004
"""Sins of one person on one day at work."""

_PUBLIC_SERVICES = ("pan.baidu.com", "www.ilovepdf.com", "wetransfer.com", "www.deepl.com", "pastebin.com")

Sin = Callable[[Office, Worker, datetime], None]


def sin(office: Office, worker: Worker, moment: datetime) -> None:
    """Let somebody do one of the things that people of this organisation do."""
    office.names.of(_SINS[office.organisation.trade])(office, worker, moment)


def _mail_controlled_file(office: Office, worker: Worker, moment: datetime) -> None:
    """Send a file that needs a permit to a partner that has none."""
    file = office.controlled_file(worker.unit)
    receiver = office.favourite(worker.desk.outsiders)
    office.mail(moment, worker.mail, receiver, file, size=office.size(400_000), attached=1)


def _upload_to_public_service(office: Office, worker: Worker, moment: datetime) -> None:
    record = squid.request(
        moment,
        address=worker.address,
        url=f"https://{office.names.of(_PUBLIC_SERVICES)}/upload",
        method="POST",
        status=200,
        received=900,
        sent=office.size(600_000),
        user=worker.account,
        peer=outside_address(office.random),
    )
    office.write(squid.LAYOUT, moment, record)


def _work_from_home(office: Office, worker: Worker, moment: datetime) -> None:
    """Download a file that needs a permit to a machine at home, past the tunnel."""
    record = microsoft365.file(
        office.random,
        moment,
        "FileDownloaded",
        user=worker.mail,
        address=outside_address(office.random),
        site=site(office),
        path=office.controlled_file(worker.unit),
        size=office.size(),
    )
    office.write(microsoft365.LAYOUT, moment, record)


def _link_for_everybody(office: Office, worker: Worker, moment: datetime) -> None:
    record = microsoft365.anonymous_link_created(
        office.random,
        moment,
        user=worker.mail,
        address=worker.address,
        site=site(office),
        path=office.open_file(worker.unit),
    )
    office.write(microsoft365.LAYOUT, moment, record)


def _document_for_everybody(office: Office, worker: Worker, moment: datetime) -> None:
    record = workspace.change_user_access(
        office.random,
        moment,
        user=worker.mail,
        address=worker.address,
        title=office.open_file(worker.unit),
        owner=worker.mail,
        target="all",
        visibility=workspace.LINK,
    )
    office.write(workspace.LAYOUT, moment, record)


def _locked_archive(office: Office, worker: Worker, moment: datetime) -> None:
    """Pack papers for an auditor with a password, as the auditor asked."""
    record = windows.process_created(
        office.random,
        moment,
        host=worker.person.host,
        user=worker.user,
        image=r"C:\Program Files\7-Zip\7z.exe",
        command=f"7z.exe a -pSpring2025 {office.names.of(office.plan.topics)}.7z D:\\audit",
    )
    office.write(windows.LAYOUT, moment, record)


def _logs_for_support(office: Office, worker: Worker, moment: datetime) -> None:
    """Send a maker's support what it asked for."""
    record = windows.process_created(
        office.random,
        moment,
        host=worker.person.host,
        user=worker.user,
        image=r"C:\Windows\System32\curl.exe",
        command=f"curl.exe -T diagnostics.zip https://support.{office.partners[0]}/upload",
    )
    office.write(windows.LAYOUT, moment, record)


def _blocked_stick(office: Office, worker: Worker, moment: datetime) -> None:
    """Try to copy onto a stick that is not allowed, and be stopped."""
    record = endpoint.line(
        moment,
        user=worker.account,
        host=worker.person.host,
        event="stick-write",
        file="D:\\" + office.open_file(worker.unit).replace("/", "\\"),
        target=rf"USBSTOR\DISK&VEN_GENERIC\{office.names.token(16).upper()}",
        kilobytes=office.size() // 1024,
        outcome="blocked",
    )
    office.write(endpoint.LAYOUT, moment, record)


def _long_print(office: Office, worker: Worker, moment: datetime) -> None:
    """Print the handouts of a training."""
    record = endpoint.line(
        moment,
        user=worker.account,
        host=worker.person.host,
        event="print",
        file=office.open_file(worker.unit).rpartition("/")[2],
        target=office.printer,
        kilobytes=office.size() // 1024,
        pages=office.random.randrange(320, 900),
    )
    office.write(endpoint.LAYOUT, moment, record)


def _consent(office: Office, worker: Worker, moment: datetime) -> None:
    """Let a planner for meetings see the calendar."""
    who = {"user": worker.mail, "address": worker.address, "application": "meeting-planner"}
    record = okta.consent_grant(office.random, moment, **who, scopes=("openid", "calendar.read"))
    office.write(okta.LAYOUT, moment, record)


def _open_source(office: Office, worker: Worker, moment: datetime) -> None:
    """Publish the handbook's repository, or another that was approved for it."""
    record = github.access(
        office.random,
        moment,
        actor=worker.person.login,
        address=worker.address,
        repository=f"{office.organisation.label}/handbook",
    )
    office.write(github.LAYOUT, moment, record)


def _open_port(office: Office, worker: Worker, moment: datetime) -> None:
    """Open SSH to everybody for the time of a demonstration."""
    if worker.unit.role is not Role.ADMINISTRATOR:
        return
    rule = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}
    record = cloudtrail.call(
        office.random,
        moment,
        "ec2",
        "AuthorizeSecurityGroupIngress",
        identity=cloudtrail.user(office.organisation.label, worker.account),
        address=worker.address,
        parameters={"groupId": f"sg-{office.names.token(17)}", "ipPermissions": {"items": [rule]}},
    )
    office.write(cloudtrail.LAYOUT, moment, record)


_SINS: dict[Trade, tuple[Sin, ...]] = {
    Trade.MAGNETS: (
        _mail_controlled_file,
        _upload_to_public_service,
        _work_from_home,
        _link_for_everybody,
        _locked_archive,
    ),
    Trade.CHIPS: (_mail_controlled_file, _blocked_stick, _consent, _open_source),
    Trade.SHOP: (_upload_to_public_service, _consent, _open_source, _open_port),
    Trade.CLINIC: (_mail_controlled_file, _upload_to_public_service, _locked_archive, _logs_for_support),
    Trade.DRONES: (_upload_to_public_service, _document_for_everybody, _open_source),
    Trade.COAL: (_upload_to_public_service, _locked_archive, _logs_for_support),
    Trade.TOWN: (_mail_controlled_file, _upload_to_public_service, _blocked_stick, _long_print),
}
