"""The console's pages over millions of transfers and thousands of findings: how long each takes, and its bytes.

Each page is asked of a real service over HTTP by somebody who is signed in. The first answer after a start and the
usual one are told apart: what is costly to gather is kept for a little while.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from bench import events
from bench.scoreboard import Row, row
from bench.service import free_port, running, waybill
from waybill.control import close_database
from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.flow.installation import Installation

ROWS = 5_000_000
STEP = 500_000
ASSETS = 40
"""Registered assets of the 20,000 that move, each without a permit: some 5,000 findings."""

REPEATS = 5

PAGES = {
    "overview": "/",
    "findings": "/findings",
    "findings of one lane": "/findings?lane=data-and-code&state=all",
    "transfers": "/transfers",
    "transfers, filtered": "/transfers?channel=usb&grade=core",
    "transfers, counted": "/transfers/count?channel=usb",
    "assets": "/assets",
    "sources": "/sources",
    "rules": "/rules",
    "ledger": "/ledger",
    "settings": "/settings",
}
WITH_CHARTS = frozenset({"overview"})


def measure() -> list[Row]:
    """Return all figures of this benchmark."""
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as name:
        data = Path(name) / "data"
        cookie = _filled(data)
        port = free_port()
        command = [sys.executable, "-m", "waybill", "serve", "--data", str(data), "--port", str(port)]
        with running(command, port, {"WAYBILL_DETECT_SECONDS": "0"}):
            return list(_pages(_Visit(port, cookie)))


def _pages(visit: _Visit) -> Iterator[Row]:
    firsts = {name: visit.page(path) for name, path in PAGES.items()}
    found = re.search(r"/findings/[0-9a-f]{32}", visit.page("/findings?state=all")[1])
    moved = re.search(r"/transfers/[0-9a-f]{32}", firsts["transfers"][1])
    if found is None or moved is None:
        raise AssertionError("there is nothing on the pages")
    for name, path in {**PAGES, "one finding": found[0], "one transfer": moved[0]}.items():
        answers = [visit.page(path) for _ in range(REPEATS)]
        usual = statistics.median(seconds for seconds, _ in answers)
        goal = 2.0 if name in WITH_CHARTS else 1.0
        yield row(f"{name}: page over {ROWS:,} transfers", usual, "s", at_most=goal)
        if name in firsts:
            yield row(f"{name}: the first time after a start", firsts[name][0], "s")
        yield row(f"{name}: size", max(len(text.encode()) for _, text in answers) / 1000, "kB", at_most=150)


class _Visit:
    """Somebody who is signed in."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port, self._cookie = port, cookie

    def page(self, path: str) -> tuple[float, str]:
        """Return how many seconds a page takes, and the page."""
        connection = HTTPConnection("localhost", self._port, timeout=120)
        begun = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": f"sessionid={self._cookie}"})
        answer = connection.getresponse()
        text = answer.read().decode()
        seconds = time.perf_counter() - begun
        connection.close()
        if answer.status != 200:
            raise AssertionError(f"{path} was answered with {answer.status}")
        return seconds, text


def _filled(data: Path) -> str:
    """Fill a data folder with transfers, a register and findings; returns the cookie of somebody signed in."""
    assets = data.with_name("assets.csv")
    lines = [f"a{n},Asset {n},data,core,share/project/{n:06d}.dat" for n in range(ASSETS)]
    assets.write_text("\n".join(["id,name,kind,grade,patterns", *lines, ""]), encoding="utf-8")
    waybill(data, "assets", "import", str(assets))
    with _opened(data) as installation:
        table = events.table(ROWS)
        for start in range(0, ROWS, STEP):
            installation.lake.append(table.slice(start, STEP))
            installation.lake.commit()
        installation.lake.compact()
        detect(installation, load_detectors(only=["unauthorised"]), workers=0, progress=lambda _: None)
        return _signed_in(installation)


@contextmanager
def _opened(data: Path) -> Iterator[Installation]:
    installation = Installation.open(data, create=True, django="waybill.console.settings")
    yield installation
    installation.lake.close()
    close_database()


def _signed_in(installation: Installation) -> str:
    """Return the session of a new account that may see everything and has a second factor."""
    from allauth.mfa.models import Authenticator
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from waybill.access import accounts
    from waybill.access.accounts import Assignment
    from waybill.access.roles import Role
    from waybill.console.entrance.configuring import configure_entrance

    configure_entrance(installation, ["localhost"])
    given = [Assignment(role=role) for role in (Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR)]
    user = accounts.open_for("p-benchmark", given, who="bench")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
