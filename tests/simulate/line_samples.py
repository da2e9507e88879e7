"""As ``source_samples``: records of servers, networks and plants, and Google Workspace."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from tests.simulate.source_samples import ADDRESS, MAIL, NOW, OUTSIDE, PERSON, Sample, Write

from waybill.simulate.sources import auditd, ot, postgres, squid, web_access, workspace, zeek

_ENDS: dict[str, Any] = {
    "uid": "CqXN2c3qLbR8tYkzI1",
    "origin": ADDRESS,
    "origin_port": 50123,
    "responder": OUTSIDE,
    "responder_port": 443,
}
_PROGRAM: dict[str, Any] = {"host": "eda-01", "user": PERSON, "program": "/usr/bin/cp"}
_MACHINE: dict[str, Any] = {"server": "urn:etch:7", "client": ADDRESS, "user": PERSON, "node": "ns=2;s=Recipes"}
_RECIPE: dict[str, Any] = {"equipment": "ETCH-07", "host": "mes-2", "user": PERSON, "recipe": "OX-114", "size": 8192}


def _session(random: Random) -> postgres.Session:
    return postgres.Session(
        random, NOW, user="reporting.lin", database="his", address=ADDRESS, application="DBeaver 25"
    )


def _drive() -> dict[str, Sample]:
    what: dict[str, Any] = {"user": MAIL, "address": ADDRESS, "title": "处方.xlsx", "owner": "chen@magnets.example"}
    writes: dict[str, tuple[Write, dict[str, Any]]] = {
        "view": (lambda random: workspace.access(random, NOW, "view", **what), {"action": "read"}),
        "download": (
            lambda random: workspace.access(random, NOW, "download", **what),
            {"action": "download", "to_place": ADDRESS},
        ),
        "edit": (lambda random: workspace.access(random, NOW, "edit", **what), {"action": "write"}),
        "change_user_access": (
            lambda random: workspace.change_user_access(random, NOW, **what, target="x@abroad.example"),
            {"action": "share", "to_place": "abroad.example"},
        ),
    }
    samples = {
        f"workspace {name}": Sample(
            "google-workspace", workspace.LAYOUT, write, MAIL, {"asset": "处方.xlsx", **columns}
        )
        for name, (write, columns) in writes.items()
    }
    samples["workspace login"] = Sample(
        "google-workspace",
        workspace.LAYOUT,
        lambda random: workspace.login(random, NOW, user=MAIL, address=ADDRESS),
        MAIL,
        {"action": "login", "from_place": ADDRESS, "outcome": "success"},
    )
    return samples


SAMPLES: dict[str, Sample] = {
    **_drive(),
    "web_access request": Sample(
        "web-access",
        web_access.LAYOUT,
        lambda _: web_access.request(
            NOW, server="portal.town.example", address=OUTSIDE, path="/d/audit%207.pdf", status=200, size=7, etag="5f"
        ),
        "",
        {
            "action": "download",
            "outcome": "success",
            "asset": "/d/audit%207.pdf",
            "from_place": "portal.town.example",
            "to_place": OUTSIDE,
        },
    ),
    "web_access request refused": Sample(
        "web-access",
        web_access.LAYOUT,
        lambda _: web_access.request(
            NOW, server="portal.town.example", address=OUTSIDE, path="/d/a.pdf", status=401, size=172
        ),
        "",
        {"outcome": "blocked", "asset": "/d/a.pdf", "to_place": OUTSIDE},
    ),
    "squid request": Sample(
        "squid",
        squid.LAYOUT,
        lambda _: squid.request(NOW, address=ADDRESS, url="http://a.example/x", status=200, received=5, user=PERSON),
        PERSON,
        {"action": "download", "asset": "a.example/x", "from_place": "a.example", "to_place": ADDRESS, "bytes": 5},
    ),
    "squid request with sent bytes": Sample(
        "squid",
        squid.LAYOUT,
        lambda _: squid.request(
            NOW,
            address=ADDRESS,
            url="cloud.example:443",
            status=200,
            received=5,
            method="CONNECT",
            user=PERSON,
            peer=OUTSIDE,
            sent=9_000_000,
        ),
        PERSON,
        {"action": "upload", "from_place": ADDRESS, "to_place": "cloud.example", "bytes": 9_000_000},
    ),
    "zeek connection": Sample(
        "zeek-conn",
        zeek.CONNECTIONS,
        lambda _: zeek.connection(NOW, **_ENDS, sent=9_000_000, received=60, duration=1.5, service="ssl"),
        "",
        {"channel": "network", "from_place": ADDRESS, "to_place": OUTSIDE, "bytes": 9_000_000},
    ),
    "zeek http": Sample(
        "zeek-http",
        zeek.HTTP,
        lambda random: zeek.http(random, NOW, **_ENDS, host="h.example", uri="/x", status=200, sent=0, received=9),
        "",
        {"action": "download", "from_place": "h.example", "to_place": ADDRESS, "bytes": 9},
    ),
    "zeek file": Sample(
        "zeek-files",
        zeek.FILES,
        lambda random: zeek.file(random, NOW, **_ENDS, name="机翼.step", size=9, from_origin=True, sha256="5f"),
        "",
        {"asset": "机翼.step", "from_place": ADDRESS, "to_place": OUTSIDE, "bytes": 9},
    ),
    "postgres connect": Sample(
        "postgresql",
        postgres.LAYOUT,
        lambda random: _session(random).connect()[2][1],
        "reporting.lin",
        {"action": "login", "to_place": ADDRESS},
    ),
    "postgres audit": Sample(
        "postgresql",
        postgres.LAYOUT,
        lambda random: _session(random).audit(
            NOW, "SELECT", relation="public.patients", statement='select "id",\nname from patients', rows=480_000
        )[1],
        "reporting.lin",
        {
            "action": "read",
            "asset": "his.public.patients",
            "to_place": ADDRESS,
            "application": "DBeaver 25",
            "records": 480_000,
        },
    ),
    "postgres disconnect": Sample(
        "postgresql",
        postgres.LAYOUT,
        lambda random: _session(random).disconnect(NOW + timedelta(hours=1))[1],
        "reporting.lin",
        {"to_place": ADDRESS},
    ),
    "auditd opened": Sample(
        "auditd",
        auditd.LAYOUT,
        lambda random: auditd.opened(random, NOW, **_PROGRAM, path="/tapeout/n pu.gds"),
        PERSON,
        {"action": "read", "channel": "file", "asset": "/tapeout/n pu.gds", "from_place": "eda-01"},
    ),
    "auditd opened to write": Sample(
        "auditd",
        auditd.LAYOUT,
        lambda random: auditd.opened(random, NOW, **_PROGRAM, path="/run/media/lin/配方/x.rcp", write=True),
        PERSON,
        {"action": "copy", "channel": "usb", "from_place": "eda-01"},
    ),
    "auditd opened refused": Sample(
        "auditd",
        auditd.LAYOUT,
        lambda random: auditd.opened(random, NOW, **_PROGRAM, path="/tapeout/npu.gds", succeeded=False),
        PERSON,
        {"outcome": "blocked", "asset": "/tapeout/npu.gds"},
    ),
    "auditd executed": Sample(
        "auditd",
        auditd.LAYOUT,
        lambda random: auditd.executed(random, NOW, **_PROGRAM, arguments=["-r", "/tapeout", "b c"]),
        PERSON,
        {"action": "execute", "asset": "/usr/bin/cp", "from_place": "eda-01"},
    ),
    "auditd logged_in": Sample(
        "auditd",
        auditd.LAYOUT,
        lambda random: auditd.logged_in(random, NOW, host="eda-01", user=PERSON, address=ADDRESS),
        PERSON,
        {"action": "login", "outcome": "success"},
    ),
    "ot opcua_method": Sample(
        "opc-ua",
        ot.OPCUA,
        lambda random: ot.opcua_method(random, NOW, **_MACHINE, method="Read", arguments=[1, 4096]),
        PERSON,
        {"action": "download", "asset": "ns=2;s=Recipes", "from_place": "urn:etch:7", "to_place": ADDRESS},
    ),
    "ot opcua_write": Sample(
        "opc-ua",
        ot.OPCUA,
        lambda random: ot.opcua_write(random, NOW, **_MACHINE, old=1.5, new=2, allowed=False),
        PERSON,
        {"action": "write", "outcome": "failure", "from_place": ADDRESS, "to_place": "urn:etch:7"},
    ),
    "ot recipe_transfer up": Sample(
        "secs-gem",
        ot.GEM,
        lambda _: ot.recipe_transfer(NOW, **_RECIPE, direction="upload"),
        PERSON,
        {"action": "upload", "asset": "OX-114", "from_place": "ETCH-07", "to_place": "mes-2", "bytes": 8192},
    ),
    "ot recipe_transfer down": Sample(
        "secs-gem",
        ot.GEM,
        lambda _: ot.recipe_transfer(NOW, **_RECIPE, direction="download", accepted=False),
        PERSON,
        {"action": "download", "outcome": "failure", "from_place": "mes-2", "to_place": "ETCH-07"},
    ),
}
