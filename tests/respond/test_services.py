"""Connectors to services of the web, to lots, and to receivers of messages: against the real things."""

from __future__ import annotations

import gc
import socket
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cases.samples import at, case_for
from tests.epcis.chain import MAGNETS, OXIDE, document, whole_chain
from tests.flow.receiving import Hook, Mailbox, free_port
from tests.respond import servers
from tests.respond.samples import Lamps, act, playbook, using
from tests.respond.servers import Grants
from tests.respond.test_connectors import SECONDS, done_and_undone, installation

from waybill.flow.custody.capturing import capture_document
from waybill.flow.custody.traces import Standing
from waybill.flow.custody.tracing import trace
from waybill.flow.installation import Installation
from waybill.flow.response import notices as sending
from waybill.flow.response import playbooks, responding
from waybill.flow.tasks import jobs
from waybill.model.errors import UsageError
from waybill.respond import notices, running, standing
from waybill.respond.acting import Arguments, Connector, ConnectorError
from waybill.respond.bounded import LateError, within
from waybill.respond.connectors.ldap import Directory, LockAccount
from waybill.respond.connectors.oauth import AuthorizationServer, RevokeGrant
from waybill.respond.connectors.postgresql import Database, ShutRole
from waybill.respond.connectors.s3 import ShutBucket, Storage
from waybill.respond.connectors.scim import DeactivateAccount, Provisioning
from waybill.respond.connectors.web import ask
from waybill.respond.running import advance, begin, undo
from waybill.respond.words import ActState, RunState

__all__ = ["installation"]


@pytest.fixture(scope="module")
def grants(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grants]:
    """Run an authorization server."""
    with servers.authorization(tmp_path_factory.mktemp("grants")) as found:
        yield found


@pytest.fixture(scope="module")
def accounts() -> Iterator[Provisioning]:
    """Run a server that provisions accounts, some with names that are none for a filter."""
    with servers.provisioning("li.na", "wang", 'o"hara\\') as found:
        yield found


def test_a_grant_ends_and_another_can_be_given(grants: Grants) -> None:
    tokens, other = grants.sign_in(), grants.sign_in()
    connector = RevokeGrant(grants.server)
    arguments = {"token": tokens["refresh_token"], "seen": tokens["access_token"]}
    assert grants.reads(tokens["access_token"]) and not connector.in_force(arguments)
    assert tokens["refresh_token"] not in connector.says(arguments)
    assert connector.before(arguments) == {"active": "yes"}
    connector.act(arguments, SECONDS)
    assert connector.in_force(arguments)
    assert not grants.reads(tokens["access_token"]), "what it opened is shut"
    assert grants.refresh(tokens["refresh_token"]) == {"error": "invalid_grant"}, "and no new one is to be had with it"
    assert grants.reads(other["access_token"]), "another grant of the same person goes on"
    assert grants.reads(grants.sign_in()["access_token"]), "and who had it may be given one anew"


def test_a_token_that_the_server_does_not_know_is_told(grants: Grants) -> None:
    connector = RevokeGrant(grants.server)
    with pytest.raises(ConnectorError, match="may not know it"):
        connector.act({"token": "no such token"}, SECONDS)
    with pytest.raises(ConnectorError, match="not given back"):
        connector.undo({"token": "x"}, {"active": "yes"}, SECONDS)


def test_undoing_leaves_what_nothing_brings_back(database: Path, grants: Grants) -> None:
    tokens, lamps = grants.sign_in(), Lamps()
    tools = using(RevokeGrant(grants.server), lamps)
    command = {"type": "waybill", "command": "oauth.revoke", "arguments": {"token": "__token__:value"}}
    book = playbook(
        variables={"__token__": {"type": "string", "external": True}},
        **act("a", after="b", commands=[command]),
        **act("b"),
    )
    number = begin(case_for(at(0, 0)), [book], {"__token__": tokens["access_token"]}, tools, who="li", reason="leaked")
    waits = advance(number, tools)
    done = advance(running.approve(waits.acts[0].number, True, who="wang", reason="seen"), tools)
    assert done.state is RunState.DONE and not grants.reads(tokens["access_token"])
    assert tokens["access_token"] not in repr(done)
    undone = undo(number, tools, who="li", reason="cleared")
    assert (undone.state, lamps.on) == (RunState.UNDONE, set())
    assert (undone.acts[0].state, undone.acts[0].remark) == (
        ActState.IN_FORCE, "nothing brings back what was before",
    )  # fmt: skip


def test_an_account_is_deactivated_and_activated(accounts: Provisioning) -> None:
    for login in ("li.na", 'o"hara\\'):
        steps = done_and_undone(DeactivateAccount(accounts), {"login": login})
        next(steps)
        assert not DeactivateAccount(accounts).in_force({"login": "wang"}), "nobody else"
        next(steps)


def test_an_account_that_was_not_active_before_stays_so(accounts: Provisioning) -> None:
    connector, arguments = DeactivateAccount(accounts), {"login": "wang"}
    connector.act(arguments, SECONDS)
    before = connector.before(arguments)
    connector.undo(arguments, before, SECONDS)
    assert connector.in_force(arguments)
    connector.undo(arguments, {"active": "yes"}, SECONDS)


def test_services_that_do_not_do_it_are_told(accounts: Provisioning, grants: Grants) -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    server = replace(grants.server, client_secret="guessed")
    for connector, arguments in (
        (DeactivateAccount(accounts), {"login": "nobody"}),
        (DeactivateAccount(accounts), {"login": '" or userName pr or userName eq "'}),
        (DeactivateAccount(Provisioning(accounts.url, "another")), {"login": "wang"}),
        (DeactivateAccount(Provisioning(gone, "x")), {"login": "wang"}),
        (
            RevokeGrant(server),
            {"token": "x"},
        ),
        (RevokeGrant(AuthorizationServer(gone, gone, "locker", "x")), {"token": "x"}),
    ):
        with pytest.raises(ConnectorError):
            connector.act(arguments, 1.0)


@pytest.mark.parametrize(
    "url", ["http://example.com/x", "ftp://127.0.0.1/x", "http://a:b@127.0.0.1/x", "https://:x/", ""]
)
def test_credentials_are_sent_nowhere_where_others_could_read_them(url: str) -> None:
    with pytest.raises(UsageError):
        ask("GET", url, headers={}, seconds=1.0)


def test_a_lot_is_held_with_its_permit_and_let_go(installation: Installation) -> None:
    capture_document(installation, document(*whole_chain()), submitter="test")
    connector = playbooks.tools(installation).connectors["shipment.hold"]
    for item in (OXIDE, MAGNETS[0]):
        assert trace(installation, item).standing is not Standing.HELD
        steps = done_and_undone(connector, {"item": item, "permit": "permit-1"})
        next(steps)
        found = trace(installation, item)
        assert (found.standing, found.reasons) == (Standing.HELD, ("unavailable",))
        assert found.happenings[-1].step == "holding" and found.happenings[-2].step != "holding", "once"
        assert installation.register().permits[0].is_suspended(datetime.now(UTC) + timedelta(days=999))
        next(steps)
        assert trace(installation, item).standing is not Standing.HELD
        assert installation.register().permits[0].suspended_from is None


def test_what_cannot_be_held_is_told(installation: Installation) -> None:
    connector = playbooks.tools(installation).connectors["shipment.hold"]
    with pytest.raises(UsageError, match="custody event"):
        connector.before({"item": OXIDE, "permit": "permit-1"})
    capture_document(installation, document(*whole_chain()), submitter="test")
    with pytest.raises(UsageError, match="no such lot"):
        connector.before({"item": "nothing-like-it", "permit": "permit-1"})


def told(installation: Installation, tools: Any, receiver: str, message: str, case: int) -> standing.Standing:
    command = {"type": "waybill", "command": "notify.send", "arguments": {"receiver": receiver, "message": message}}
    number = begin(case, [playbook(**act("a", commands=[command]))], {}, tools, who="li", reason="to be told")
    return advance(number, tools)


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # Apprise asks for it where it exists
def test_somebody_is_told_later_and_as_often_as_it_takes(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, hook = case_for(at(0, 0)), Hook()
    with Mailbox() as mail:
        monkeypatch.setenv("DUTY", mail.address)
        text = f'[notify]\nduty = "env:DUTY"\nhook = "{hook.address}"\n'
        (installation.folder.root / responding.SETTINGS).write_text(text, encoding="utf-8")
        tools, now = playbooks.tools(installation), datetime.now(UTC)
        pseudonym = tools.names.pseudonym("zhao.min")
        for receiver in ("duty", "hook"):
            begun = time.monotonic()
            assert told(installation, tools, receiver, f"{pseudonym} is locked out", case).state is RunState.DONE
            assert time.monotonic() - begun < SECONDS, "whoever is down holds nothing up"
        assert told(installation, tools, "duty", f"{pseudonym} is locked out", case).state is RunState.DONE
        assert told(installation, tools, "nobody", "x", case).acts[0].state is ActState.NOT_IN_FORCE
        assert jobs.job("notify").asks and sending.is_due(now + timedelta(seconds=1))
        assert sending.send(installation, now + timedelta(seconds=1)) == sending.Sent(1, 1)
        (mailed,) = mail.texts()
    assert "is locked out" in mailed and "x-" in mailed, "once, although two runs say it"
    assert pseudonym not in mailed, "outside, people have other names"
    assert not sending.is_due(now + timedelta(seconds=2))
    with hook:
        assert sending.send(installation, now + timedelta(hours=2)) == sending.Sent(1, 0)
        assert "is locked out" in hook.texts()[0]
    assert sending.send(installation, now + timedelta(hours=4)) == sending.Sent(0, 0)
    assert {(one.receiver, one.sent_at is not None, one.attempts) for one in notices.every()} == {
        ("duty", True, 1), ("hook", True, 2),
    }  # fmt: skip


@contextmanager
def silence(*, drip: float = 0.0) -> Iterator[int]:
    """Run a server that takes connections and never answers; or sends a byte now and then, and never an end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept: list[socket.socket] = []
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        def dripping() -> None:
            while drip and not over.wait(drip):
                for one in list(kept):
                    try:
                        one.sendall(b"H" if one.fileno() >= 0 else b"")
                    except OSError:
                        kept.remove(one)

        threads = [threading.Thread(target=serve, daemon=True), threading.Thread(target=dripping, daemon=True)]
        for thread in threads:
            thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)
            for one in kept:
                one.close()


def let_go() -> None:
    """Wait until calls that were left to themselves have ended; ldap3 leaves the socket of a server that is gone."""
    for thread in threading.enumerate():
        if thread.name == "connector":
            thread.join(5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def hanging(port: int) -> list[tuple[Connector, dict[str, str]]]:
    """Return connectors that wait for a server there."""
    url = f"http://127.0.0.1:{port}"
    return [
        (LockAccount(Directory(f"ldap://127.0.0.1:{port}", "dc=x", "cn=x", "y")), {"login": "li"}),
        (DeactivateAccount(Provisioning(url, "x")), {"login": "li"}),
        (RevokeGrant(AuthorizationServer(url, url, "x", "y")), {"token": "t"}),
        (ShutBucket(Storage("kept", url, access_key="x", secret_key="y")), {"bucket": "b"}),
        (ShutRole(Database(f"postgresql://x@127.0.0.1:{port}/x")), {"role": "r"}),
    ]


@pytest.mark.parametrize("drip", [0.0, 0.1], ids=["says nothing", "says a byte now and then"])
@pytest.mark.parametrize("number", range(5))
def test_a_server_that_never_answers_is_left_in_time(
    database: Path, drip: float, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waybill.respond.performing.LOOK_SECONDS", 0.3)
    lamps = Lamps()
    with silence(drip=drip) as port:
        connector, arguments = hanging(port)[number]
        command = {"type": "waybill", "command": connector.name, "arguments": arguments}
        book = playbook(**act("a", commands=[command], timeout=500, on_success="end", on_failure="b"), **act("b"))
        tools = using(connector, lamps)
        run = begin(case_for(at(0, 0)), [book], {}, tools, who="li", reason="it goes on")
        found = advance(run, tools)
        begun = time.monotonic()
        if connector.needs_two:
            found = advance(running.approve(found.acts[0].number, True, who="wang", reason="seen"), tools)
        assert time.monotonic() - begun < 3.0
    let_go()
    assert (found.acts[0].state, lamps.on) == (ActState.UNKNOWN, {"b"}), "neither could be seen, and the run goes on"
    assert found.acts[0].remark


def test_what_was_left_to_itself_may_yet_come_and_is_seen_then(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    come = threading.Event()

    class Late(Lamps):
        def act(self, arguments: Arguments, seconds: float) -> None:
            come.wait(10)
            super().act(arguments, seconds)

    lamps = Late()
    tools = using(lamps)
    run = begin(case_for(at(0, 0)), [playbook(**act("a", timeout=200))], {}, tools, who="li", reason="x")
    found = advance(run, tools)
    assert (found.acts[0].state, found.state) == (ActState.UNKNOWN, RunState.FAILED)
    assert "left to itself" in found.acts[0].remark
    come.set()
    until = time.monotonic() + 5
    while not lamps.on and time.monotonic() < until:
        time.sleep(0.01)
    assert running.look(run, tools).acts[0].state is ActState.IN_FORCE
    assert undo(run, tools, who="li", reason="x").state is RunState.UNDONE and not lamps.on


def test_calls_end_in_time_and_hand_on_what_they_say() -> None:
    assert within(5.0, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(5.0, lambda: 1 // 0)
    begun = time.monotonic()
    with pytest.raises(LateError, match="left to itself"):
        within(0.1, lambda: time.sleep(2))
    assert time.monotonic() - begun < 1.0


def test_every_connector_says_what_it_is() -> None:
    for connector, arguments in hanging(1):
        assert connector.name.partition(".")[2] and connector.says(arguments)
        assert connector.persons | connector.secrets <= {*connector.arguments, "seen"}
