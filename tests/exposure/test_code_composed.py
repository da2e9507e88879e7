"""Over a thousand cases of our own, by danger: what does harm is told, and its twin that does none is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.exposure.composed import Score, every, mistakes

from waybill.exposure.code.program import Code, read

FAMILIES = {name: (cases, modules) for name, cases, modules in every()}


@pytest.fixture(scope="module", params=FAMILIES)
def scores(request: pytest.FixtureRequest) -> dict[str, Score]:
    cases, modules = FAMILIES[request.param]
    found, _ = mistakes(cases, modules)
    return found


def test_what_does_harm_is_told(scores: dict[str, Score]) -> None:
    missed = {danger: score.found_share for danger, score in scores.items() if score.found_share < 0.95}
    assert missed == {}


def test_what_does_none_is_not(scores: dict[str, Score]) -> None:
    wrong = {danger: score.wrong_share for danger, score in scores.items() if score.wrong_share > 0.05}
    assert wrong == {}


def test_there_are_twins_of_every_kind() -> None:
    for name, (cases, _) in FAMILIES.items():
        kinds = {case.danger for case in cases if case.is_harmful}
        assert {case.danger for case in cases if not case.is_harmful} >= kinds - {"secret"}, name


def test_keys_that_can_be_none_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("box[[1, 2]] = x; y = box[[1, 2]]; fetch('https://x.example', {body: y});\n")
    code, *gaps = read(tmp_path)
    assert isinstance(code, Code)
    assert not gaps


def test_a_password_that_is_set_anew_leaks_nothing(tmp_path: Path) -> None:
    (tmp_path / "forms.py").write_text(
        """
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
UserModel = get_user_model()
def users(email):
    field = UserModel.get_email_field_name()
    return UserModel._default_manager.filter(**{"%s__iexact" % field: email, "is_active": True})
def save(email):
    for user in users(email):
        send_mail("Your password", user.token, None, [user.email])
"""
    )
    code = next(one for one in read(tmp_path) if isinstance(one, Code))
    assert code.departures == []
