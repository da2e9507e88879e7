"""Reads what an address asks for: filters stand in it, so that a list can be kept, sent and come back to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from waybill.console.process import process
from waybill.flow.people import without_names
from waybill.model.errors import UsageError

Word = TypeVar("Word", bound=StrEnum)

LONGEST = 400
"""Letters of a value."""


def text(values: QueryDict, name: str) -> str:
    """Return a value without blanks around it; empty if it is not asked for. NUL, which databases refuse, goes."""
    return values.get(name, "").replace("\0", "").strip()[:LONGEST]


def written(request: HttpRequest, name: str) -> str:
    """Return what somebody wrote in a form, with people under their pseudonyms: it goes into the ledger."""
    return without_names(process().installation, text(request.POST, name))


def number(values: QueryDict, name: str) -> int:
    """Return a whole number from 0. Raises UsageError for what is none."""
    said = text(values, name)
    if not said.isdecimal():
        raise UsageError(_("This is no number."), where=said[:40], expected="12")
    return int(said)


def word(values: QueryDict, name: str, words: type[Word]) -> Word | None:
    """Return one of the model's words. Raises UsageError for another."""
    said = text(values, name)
    if not said:
        return None
    try:
        return words(said)
    except ValueError:
        raise UsageError(
            _("This is no word known here."), where=f"{name}={said[:40]}", expected=", ".join(words)
        ) from None


def moment(values: QueryDict, name: str) -> datetime | None:
    """Return a moment, of a day its beginning (UTC). Raises UsageError for what is none."""
    said = text(values, name)
    if not said:
        return None
    try:
        found = datetime.fromisoformat(said)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise UsageError(_("This is no time."), where=f"{name}={said[:40]}", expected="2026-03-10 12:30") from None


def kept(request: HttpRequest, names: Iterable[str]) -> str:
    """Return the filters of an address as a query string, without those that ask for nothing."""
    return urlencode([(name, value) for name in names if (value := text(request.GET, name))])


def back(request: HttpRequest, otherwise: str = "/") -> str:
    """Return the address of ours that a form says to go back to."""
    said = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(said, {request.get_host()}, require_https=request.is_secure())
    return said if safe else otherwise
