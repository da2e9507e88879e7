"""Passwords are asked of a real directory, safely: no injection, no empty password, no unchecked connection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.access.slapd import BASE, LOGINS, PASSWORD, SEARCHER, SEARCHERS_PASSWORD, Slapd, is_installed, running

from waybill.access.directory import Directory, DirectoryError, Verdict
from waybill.model.errors import UsageError


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Run a directory."""
    if not is_installed():
        pytest.skip("slapd is not installed here (Debian: slapd)")
    with running(tmp_path_factory.mktemp("slapd")) as server:
        yield server


@pytest.fixture
def directory(slapd: Slapd) -> Directory:
    """Return the directory as the settings of an installation would name it."""
    url = f"ldaps://localhost:{slapd.secured}"
    return Directory(url, BASE, "(uid={login})", SEARCHER, SEARCHERS_PASSWORD, slapd.authority)


@pytest.mark.parametrize("login", LOGINS)
def test_right_passwords_are_right_however_a_login_is_spelt(directory: Directory, login: str) -> None:
    assert directory.verdict(login, PASSWORD) is Verdict.RIGHT
    for wrong in ("", PASSWORD + " ", PASSWORD.upper()):
        assert directory.verdict(login, wrong) is Verdict.WRONG


@pytest.mark.parametrize("login", ["", "*", "li*", "li.na)(uid=*", "*)(|(uid=*", "li.na\x00", "nobody", "cn=root"])
def test_a_login_is_never_part_of_the_question(directory: Directory, login: str) -> None:
    assert directory.verdict(login, PASSWORD) is (Verdict.UNKNOWN if login else Verdict.WRONG)


def test_this_machine_may_be_asked_in_the_clear(directory: Directory, slapd: Slapd) -> None:
    near = replace(directory, url=f"ldap://127.0.0.1:{slapd.plain}")
    assert near.verdict("li.na", PASSWORD) is Verdict.RIGHT
    assert near.verdict("li.na", "wrong") is Verdict.WRONG


def test_a_certificate_of_nobody_we_know_is_refused(directory: Directory) -> None:
    with pytest.raises(DirectoryError):
        replace(directory, certificates=None).verdict("li.na", PASSWORD)


def test_elsewhere_the_connection_is_secured_before_anything_is_said(
    directory: Directory, slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    from waybill.access import directory as module

    monkeypatch.setattr(module, "_LOOPBACK", frozenset())  # as if the directory were on another machine
    far = replace(directory, url=f"ldap://localhost:{slapd.plain}")
    assert far.verdict("li.na", PASSWORD) is Verdict.RIGHT
    with pytest.raises(DirectoryError):
        replace(far, certificates=None).verdict("li.na", PASSWORD)


def test_a_directory_that_does_not_answer_is_told(directory: Directory, tmp_path: Path) -> None:
    with pytest.raises(DirectoryError):
        replace(directory, url="ldaps://localhost:1").verdict("li.na", PASSWORD)
    with pytest.raises(DirectoryError, match="refuses"):
        replace(directory, bind_password="wrong").verdict("li.na", PASSWORD)


@pytest.mark.parametrize(
    "change", [{"url": "http://x"}, {"url": "ldaps://"}, {"filter": "(uid=*)"}, {"base": ""}], ids="-".join
)
def test_settings_that_cannot_be_used_are_told(change: dict[str, str]) -> None:
    usable = Directory("ldaps://ldap.example.com", BASE)
    usable.check()
    with pytest.raises(UsageError):
        replace(usable, **change).check()  # type: ignore[arg-type]


def test_what_is_the_login_of_two_is_nobodys(directory: Directory) -> None:
    assert replace(directory, filter="(|(uid={login})(uid=*))").verdict("li.na", PASSWORD) is Verdict.WRONG
