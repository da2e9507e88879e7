"""Logins and the pseudonyms that stand for them: who has the installation's key knows one by the other."""

from __future__ import annotations

from waybill.console.process import process
from waybill.flow import people


def pseudonym_of(login: str) -> str:
    """Return the pseudonym by which the account of a login is known, whether or not there is one."""
    return people.pseudonym_of(process().installation, login)


def login_of(pseudonym: str) -> str:
    """Return the login of an account; its pseudonym where it is not known."""
    return people.login_of(process().installation, pseudonym)


def may_be_login(login: str) -> bool:
    """Return whether this can be the login of a person."""
    return people.may_be_login(process().installation, login)
