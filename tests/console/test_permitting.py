"""Nobody gets to a page without the role for it: every page and every operation, every role and nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls import path as django_path
from tests.console.site import Site, assignment, confirm

from waybill.access.roles import PERMISSIONS, Permission, Role
from waybill.console.bearer import Bearer
from waybill.console.entrance.permitting import Entry, entry_of

EXAMPLES = {"str": "0" * 32, "int": "1", "path": "x", "slug": "x", "uuid": "0" * 32}
PROGRAMS = {"healthz", "readyz", "metrics"}
"""Asked by programs: the first two tell nothing, the third asks for a token."""


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address with its route, those of the API apart."""
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield route, one
        elif one.namespace != "api":
            yield from patterns(one, route)


PAGES = [(route, one) for route, one in patterns(get_resolver()) if route not in PROGRAMS]


def example(one: URLPattern, route: str) -> str:
    """Return an address that a route matches."""
    path = "/" + route
    for name, converter in one.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        path = path.replace(f"<{kind}:{name}>", EXAMPLES["str" if kind == "string" else kind])
        path = path.replace(f"<str:{name}>", EXAMPLES["str"]).replace(f"<{name}>", EXAMPLES["str"])
    return path


@pytest.mark.parametrize(("route", "page"), PAGES, ids=[route or "(first)" for route, _ in PAGES])
def test_every_page_says_whom_it_is_for(route: str, page: URLPattern) -> None:
    assert entry_of(page.callback) is not None


def test_a_page_that_does_not_say_so_is_for_nobody(site: Site) -> None:
    urls = (django_path("bare", lambda request: HttpResponse("in")),)
    browser = site.reader(*(assignment(role) for role in Role))
    with override_settings(ROOT_URLCONF=urls):
        assert browser.get("/bare").status_code == 403


def test_every_operation_of_the_api_asks_for_a_scope() -> None:
    from waybill.console.api import api

    operations = [
        operation
        for _, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
    ]
    assert len(operations) >= 5
    for operation in operations:
        assert [type(one) for one in operation.auth_callbacks] == [Bearer], operation.path


def refused(answer: Any) -> bool:
    """Return whether an answer lets nobody in."""
    elsewhere = answer.status_code == 302 and answer["Location"].startswith(("/sign-in", "/me/enrol"))
    return bool(elsewhere or answer.status_code == 403)


def ask(browser: Client, path: str) -> Any:
    """Ask for a page; one that fails by our own fault has let its reader in."""
    browser.raise_request_exception = False
    return browser.get(path)


@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role or "nobody")
def test_matrix(site: Site, role: Role | None) -> None:
    browser = site.reader(role) if role else site.browser()
    if role:
        confirm(browser)
    allowed = PERMISSIONS[role] if role else frozenset[Permission]()
    for route, page in PAGES:
        entry = entry_of(page.callback)
        if entry is Entry.ANYBODY or "sign-out" in route:
            continue
        let_in = entry in allowed if isinstance(entry, Permission) else role is not None
        assert refused(ask(browser, example(page, route))) != let_in, (route, entry)


@pytest.mark.parametrize("role", Role)
def test_a_role_that_is_over_opens_nothing(site: Site, role: Role) -> None:
    from datetime import UTC, datetime, timedelta

    from waybill.access.accounts import Assignment

    over = datetime.now(UTC) - timedelta(seconds=1)
    browser = site.reader(Assignment(role=role, organisations=("one.example",), until=over))
    assert ask(browser, "/").status_code == 403


def test_without_a_second_factor_there_is_only_the_way_to_one(site: Site) -> None:
    browser = site.browser()
    browser.force_login(site.account(*[role for role in Role if role is not Role.PARTNER]))
    for route, page in PAGES:
        entry = entry_of(page.callback)
        if entry in {Entry.ANYBODY, Entry.ENROLLING}:
            continue
        answer = ask(browser, example(page, route))
        assert (answer.status_code, answer["Location"]) == (302, "/me/enrol"), route


def test_who_may_take_records_out_may_see_them() -> None:
    for permissions in PERMISSIONS.values():
        assert Permission.RECORDS_EXPORT not in permissions or {
            Permission.TRANSFERS_READ, Permission.FINDINGS_READ,
        } <= permissions  # fmt: skip
