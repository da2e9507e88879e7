"""Connectors against the real systems: the effect is seen by who is held off, and undoing restores what was before."""

from __future__ import annotations

import gc
import subprocess
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ldap3
import psycopg
import pytest
from tests import postgresql
from tests.access import slapd
from tests.cases.samples import at, case_for
from tests.respond import servers
from tests.respond.samples import content
from tests.respond.servers import NAMESPACE, POLICY, locking, rules

from waybill.flow.installation import Installation
from waybill.flow.response import playbooks, responding
from waybill.model.errors import UsageError
from waybill.register.importing import read_folder
from waybill.register.records import import_reading
from waybill.respond.acting import Connector, ConnectorError
from waybill.respond.checking import check
from waybill.respond.connectors.ldap import Directory, LockAccount
from waybill.respond.connectors.nftables import BlockEgress, Firewall
from waybill.respond.connectors.postgresql import Database, ShutRole
from waybill.respond.connectors.s3 import QuarantineObject, ShutBucket, Storage
from waybill.respond.running import advance, approve, begin, undo
from waybill.respond.words import ActState, RunState

SECONDS = 5.0


def done_and_undone(connector: Connector, arguments: dict[str, str]) -> Iterator[None]:
    """Act twice, see it in force, let the test look, undo, and see that all is as it was."""
    before = connector.before(arguments)
    assert not connector.in_force(arguments)
    assert all(value in connector.says(arguments) for name, value in arguments.items() if name != "minutes")
    for _ in range(2):
        connector.act(arguments, SECONDS)
        assert connector.in_force(arguments)
    yield
    connector.undo(arguments, before, SECONDS)
    assert connector.before(arguments) == before
    assert not connector.in_force(arguments)
    yield


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[slapd.Slapd]:
    """Run a directory whose accounts can be locked."""
    if not slapd.is_installed():
        pytest.skip("without slapd")
    with servers.directory(tmp_path_factory.mktemp("ldap")) as server:
        yield server


def binds(server: slapd.Slapd, number: int) -> bool:
    known = ldap3.Server(f"ldap://127.0.0.1:{server.plain}", get_info=ldap3.NONE)
    connection = ldap3.Connection(known, f"cn=person {number},{slapd.BASE}", slapd.PASSWORD)
    try:
        return bool(connection.bind())
    finally:
        connection.unbind()


@pytest.mark.parametrize("number", range(len(slapd.LOGINS)))
def test_an_account_is_locked_and_opened(directory: slapd.Slapd, number: int) -> None:
    assert binds(directory, number)
    steps = done_and_undone(locking(directory), {"login": slapd.LOGINS[number]})
    next(steps)
    assert not binds(directory, number), "who is locked out does not get in"
    assert [binds(directory, other) for other in range(3) if other != number] == [True, True]
    next(steps)
    assert binds(directory, number)


def test_an_account_that_was_locked_before_stays_so(directory: slapd.Slapd) -> None:
    connector, arguments = locking(directory), {"login": "li.na"}
    connector.act(arguments, SECONDS)
    before = connector.before(arguments)
    connector.act(arguments, SECONDS)
    connector.undo(arguments, before, SECONDS)
    assert not binds(directory, 0)
    connector.undo(arguments, {"value": ""}, SECONDS)
    assert binds(directory, 0)


def test_a_lock_that_the_directory_does_not_heed_is_not_in_force(directory: slapd.Slapd) -> None:
    connector, arguments = locking(directory), {"login": "li.na"}
    connector.act(arguments, SECONDS)
    assert connector.in_force(arguments) and not binds(directory, 0)
    with rules(directory) as connection:
        connection.modify(POLICY, {"pwdLockout": [(ldap3.MODIFY_REPLACE, ["FALSE"])]})
        assert binds(directory, 0) and not connector.in_force(arguments), "it is let in all the same, and that is seen"
        connection.modify(POLICY, {"pwdLockout": [(ldap3.MODIFY_REPLACE, ["TRUE"])]})
    connector.undo(arguments, {"value": ""}, SECONDS)
    assert binds(directory, 0)


def test_a_directory_that_does_not_do_it_is_told(directory: slapd.Slapd) -> None:
    for connector, login in (
        (locking(directory), "nobody"),
        (locking(directory), "*"),
        (locking(directory, "wrong"), "li.na"),
        (LockAccount(Directory("ldap://127.0.0.1:1", "x", "y", "z")), "li.na"),
    ):
        with pytest.raises(ConnectorError):
            connector.in_force({"login": login})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # ldap3 leaves the socket of a server that is not there
        gc.collect()


@pytest.fixture(scope="module")
def network() -> Iterator[Firewall]:
    """Make a network of its own, which nothing leaves."""
    if problem := servers.network_problem():
        pytest.skip(problem)
    with servers.network() as firewall:
        yield firewall


def reaches(address: str) -> bool:
    """Return whether a datagram to an address leaves from inside the network: what is dropped is an error there."""
    family = "AF_INET6" if ":" in address else "AF_INET"
    program = f"import socket; socket.socket(socket.{family}, socket.SOCK_DGRAM).sendto(b'x', ({address!r}, 9))"
    inside = ["ip", "netns", "exec", NAMESPACE, "python3", "-c", program]
    return subprocess.run(inside, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("address", ["127.0.0.9", "::1"])
def test_nothing_leaves_to_an_address(network: Firewall, address: str) -> None:
    assert reaches(address)
    steps = done_and_undone(BlockEgress(network), {"address": address, "minutes": "5"})
    next(steps)
    assert not reaches(address) and reaches("127.0.0.1")
    next(steps)
    assert reaches(address)


def test_a_block_ends_by_itself(network: Firewall) -> None:
    BlockEgress(network).act({"address": "127.0.0.8", "minutes": "1"}, SECONDS)
    told = subprocess.run([*network.command, "list", "ruleset"], capture_output=True, text=True, check=True).stdout
    assert "127.0.0.8 timeout 1m expires" in told


@pytest.mark.parametrize(
    "arguments",
    [
        {"address": "example.org", "minutes": "5"},
        {"address": "127.0.0.1; flush ruleset", "minutes": "5"},
        {"address": "127.0.0.1", "minutes": "0"},
        {"address": "127.0.0.1", "minutes": "5m } ; flush"},
    ],
)
def test_only_addresses_and_minutes_get_to_the_firewall(arguments: dict[str, str]) -> None:
    connector = BlockEgress(Firewall(("false",)))
    with pytest.raises(UsageError):
        connector.says(arguments)
    with pytest.raises((UsageError, ConnectorError)):
        connector.act(arguments, SECONDS)


@pytest.mark.parametrize("command", ["false", "/nowhere/nft", "sleep"])
def test_a_firewall_that_does_not_do_it_is_told(command: str) -> None:
    words = ("sleep", "5") if command == "sleep" else (command,)
    with pytest.raises(ConnectorError):
        BlockEgress(Firewall(words)).act({"address": "127.0.0.1", "minutes": "1"}, 0.2)


@pytest.fixture(scope="module")
def storage() -> Iterator[Storage]:
    """Run a service that speaks S3, with two buckets."""
    pytest.importorskip("boto3")
    pytest.importorskip("moto.server")
    with servers.storage() as here:
        yield here


def names(storage: Storage, bucket: str) -> list[str]:
    with storage.client(SECONDS) as client:
        return [one["Key"] for one in client.list_objects_v2(Bucket=bucket).get("Contents", ())]


def test_an_object_goes_into_quarantine_and_back(storage: Storage) -> None:
    with storage.client(SECONDS) as client:
        client.put_object(Bucket="public", Key="图纸/plan.dwg", Body=b"x" * 1_000)
    steps = done_and_undone(QuarantineObject(storage), {"bucket": "public", "key": "图纸/plan.dwg"})
    next(steps)
    assert (names(storage, "public"), names(storage, "kept")) == ([], ["public/图纸/plan.dwg"])
    next(steps)
    assert (names(storage, "public"), names(storage, "kept")) == (["图纸/plan.dwg"], [])


def test_nothing_that_was_put_there_meanwhile_is_written_over(storage: Storage) -> None:
    connector, arguments = QuarantineObject(storage), {"bucket": "public", "key": "again"}
    with storage.client(SECONDS) as client:
        client.put_object(Bucket="public", Key="again", Body=b"old")
        connector.act(arguments, SECONDS)
        client.put_object(Bucket="public", Key="again", Body=b"new")
        with pytest.raises(ConnectorError, match="in its place"):
            connector.undo(arguments, {"there": "yes"}, SECONDS)
        assert client.get_object(Bucket="public", Key="again")["Body"].read() == b"new"


@pytest.mark.parametrize("partly", [False, True])
def test_a_bucket_is_shut_and_opened_as_it_was(storage: Storage, partly: bool) -> None:
    with storage.client(SECONDS) as client:
        client.create_bucket(Bucket=f"site-{partly}".lower())
        if partly:
            block = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": False,
                     "RestrictPublicBuckets": False}  # fmt: skip
            client.put_public_access_block(Bucket="site-true", PublicAccessBlockConfiguration=block)
    for _ in done_and_undone(ShutBucket(storage), {"bucket": f"site-{partly}".lower()}):
        pass


def test_a_storage_that_does_not_do_it_is_told(storage: Storage) -> None:
    gone = Storage("kept", "http://127.0.0.1:1", access_key="x", secret_key="y")
    elsewhere = Storage("no-such", storage.endpoint, access_key="x", secret_key="y")
    for connector, arguments in (
        (ShutBucket(gone), {"bucket": "public"}),
        (ShutBucket(storage), {"bucket": "no-such-bucket"}),
        (QuarantineObject(elsewhere), {"bucket": "public", "key": "again"}),
    ):
        with pytest.raises(ConnectorError):
            connector.act(arguments, 1.0)


def test_a_role_is_shut_out_and_let_in(server: postgresql.Server) -> None:
    address = server.url(server.create())
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("CREATE ROLE \"wang's role\" LOGIN PASSWORD 'x'")
        connector = ShutRole(Database(address))
        inside = psycopg.connect(_as_role(address))
        steps = done_and_undone(connector, {"role": "wang's role"})
        next(steps)
        with pytest.raises(psycopg.OperationalError):
            inside.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(_as_role(address)).close()
        next(steps)
        psycopg.connect(_as_role(address)).close()
    with pytest.raises(ConnectorError):
        connector.in_force({"role": "nobody at all"})


def _as_role(address: str) -> str:
    return str(psycopg.conninfo.make_conninfo(address, user="wang's role", password="x"))


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Return an installation with a permit."""
    from waybill.control import close_database

    here = Installation.open(tmp_path / "data", create=True)
    folder = tmp_path / "register"
    folder.mkdir()
    (folder / "assets.csv").write_text("id,name,kind,grade\nlot-7,Lot 7,material,important\n", encoding="utf-8")
    (folder / "permits.csv").write_text("id,asset,basis\npermit-1,lot-7,licence 12\n", encoding="utf-8")
    import_reading(read_folder(folder), here.pseudonymiser, here.folder.key("identity"))
    yield here
    close_database()


def test_a_shipment_is_held_by_two_people_and_let_go(installation: Installation) -> None:
    tools = playbooks.tools(installation)
    file = installation.folder.root / "hold.json"
    command = {"type": "waybill", "command": "permit.suspend", "arguments": {"permit": "__permit__:value"}}
    file.write_bytes(
        content(
            "hold",
            start="a",
            variables={"__permit__": {"type": "string", "external": True}},
            a={"type": "action", "name": "hold it", "commands": [command], "agent": "x", "on_completion": "end"},
        )
    )
    book = responding.read_file(file)
    assert check(book, tools.connectors) == []
    found = advance(
        begin(case_for(at(0, 0)), [book], {"__permit__": "permit-1"}, tools, who="li", reason="diverted"), tools
    )
    now = datetime.now(UTC)
    assert not installation.register().permits[0].is_suspended(now)
    found = advance(approve(found.acts[0].number, True, who="wang", reason="seen"), tools)
    assert (found.state, found.acts[0].state) == (RunState.DONE, ActState.IN_FORCE)
    assert installation.register().permits[0].is_suspended(datetime.now(UTC) + timedelta(days=999))
    assert undo(found.run, tools, who="li", reason="cleared").state is RunState.UNDONE
    assert installation.register().permits[0].suspended_from is None


def test_connectors_are_set_up_by_a_file_and_secrets_stay_out_of_it(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = installation.folder.root / "respond.toml"
    file.write_text(
        '[ldap]\nurl = "ldap://x"\nbase = "b"\nbind_name = "n"\nbind_password = "env:LOCKER"\n[nftables]\n'
        '[s3]\nquarantine = "q"\n[postgresql]\naddress = "postgresql://x"\n'
        '[oauth]\nrevocation = "https://x"\nintrospection = "https://x"\nclient_id = "c"\n'
        'client_secret = "env:LOCKER"\n'
        '[scim]\nurl = "https://x"\ntoken = "env:LOCKER"\n[notify]\nduty = "env:LOCKER"\n',
        encoding="utf-8",
    )
    with pytest.raises(UsageError, match="environment"):
        responding.connectors(installation)
    monkeypatch.setenv("LOCKER", "s3cret")
    tools: dict[str, Any] = responding.connectors(installation)
    assert sorted(tools) == [
        "ldap.lock", "nftables.block", "notify.send", "oauth.revoke", "permit.suspend", "postgresql.shut",
        "s3.quarantine", "s3.shut", "scim.deactivate", "shipment.hold",
    ]  # fmt: skip
    assert tools["ldap.lock"].directory.bind_password == "s3cret" and "s3cret" not in repr(tools)
    file.write_text("[nonsense]\n", encoding="utf-8")
    with pytest.raises(UsageError, match="set up"):
        responding.connectors(installation)
