"""Who works when: shifts, careers, days off, drift; and one machine for several line workers."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random

import numpy as np
import pytest

from waybill.simulate.habits import Deed, Diary
from waybill.simulate.names import Names
from waybill.simulate.people import SHIFTS, Organisation, found
from waybill.simulate.trades import PLANS, Role, Trade
from waybill.simulate.truth import Size
from waybill.simulate.working_days import days, is_working_day

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
YEAR = days(FIRST, LAST)


@pytest.fixture(scope="module")
def organisations() -> dict[Trade, Organisation]:
    """Everybody of a large world."""
    return found(Random(3), Names(Random(4)), FIRST, LAST, Size.YEAR)


@pytest.fixture(scope="module")
def diary(organisations: dict[Trade, Organisation]) -> Diary:
    """What the people of the chip house do."""
    return Diary(np.random.default_rng(5), organisations[Trade.CHIPS].people, YEAR, busy=1.0)


def test_every_trade_has_its_units_and_somebody_who_stays_in_each(organisations: dict[Trade, Organisation]) -> None:
    assert sum(len(organisation.people) for organisation in organisations.values()) >= 300
    for trade, organisation in organisations.items():
        assert all(organisation.in_unit(unit.name) for unit in PLANS[trade].units)


def test_accounts_logins_numbers_and_domains_are_nobody_elses(organisations: dict[Trade, Organisation]) -> None:
    people = [person for organisation in organisations.values() for person in organisation.people]
    for names in (
        [person.account for person in people],
        [person.login for person in people],
        [person.number for person in people],
        [organisation.domain for organisation in organisations.values()],
        [organisation.network for organisation in organisations.values()],
    ):
        assert len(set(names)) == len(names)
    assert all(organisation.domain.endswith(".example") for organisation in organisations.values())


def test_line_workers_have_shifts_and_share_machines(organisations: dict[Trade, Organisation]) -> None:
    people = [person for organisation in organisations.values() for person in organisation.people]
    workers = [person for person in people if person.unit.role is Role.LINE]
    assert {int(person.begins) for person in workers} == set(SHIFTS)
    assert {person.lasts for person in workers} == {8.0}
    assert max(Counter(person.host for person in workers).values()) == 3
    others = [person.host for person in people if person.unit.role is not Role.LINE]
    assert len(set(others)) == len(others)


def test_some_join_some_move_and_leavers_give_notice(organisations: dict[Trade, Organisation]) -> None:
    people = [person for organisation in organisations.values() for person in organisation.people]
    assert min(sum(1 for p in people if p.joined), sum(1 for p in people if p.moved)) >= 5
    leavers = [person for person in people if person.leaves]
    assert len(leavers) >= 5
    assert all(person.notice and (person.leaves - person.notice).days == 30 for person in leavers if person.leaves)
    assert any(person.contractor for person in people)


def test_nobody_acts_before_joining_after_leaving_or_on_vacation(
    organisations: dict[Trade, Organisation], diary: Diary
) -> None:
    for person, counts in zip(organisations[Trade.CHIPS].people, diary.counts, strict=True):
        for day, deeds in zip(YEAR, counts, strict=True):
            if not person.is_employed(day) or person.is_on_vacation(day):
                assert not deeds.any()


def test_days_off_are_quiet(diary: Diary) -> None:
    works = np.array([is_working_day(day) for day in YEAR])
    a_day = diary.counts.sum(axis=(0, 2))
    assert a_day[works].mean() > 8 * a_day[~works].mean()
    assert (a_day[works] > 0).all()


def test_days_differ_more_than_chance_alone_would_have_them(diary: Diary) -> None:
    """For a Poisson count the variance is the mean; a gamma factor of shape 2.5 adds mean² / 2.5."""
    works = np.array([is_working_day(day) for day in YEAR])
    mails = diary.counts[:, works, Deed.MAIL].astype(float)
    busy = mails[mails.mean(axis=1) > 2]
    assert np.median(busy.var(axis=1) / busy.mean(axis=1)) > 1.5


def test_whoever_does_anything_signed_in(diary: Diary) -> None:
    active = diary.counts.sum(axis=2) > 0
    assert (diary.counts[:, :, Deed.SIGN_IN][active] >= 1).all()


def test_saving_rises_when_files_move_to_another_service(diary: Diary) -> None:
    start = YEAR.index(diary.migration)
    works = np.array([is_working_day(day) for day in YEAR])
    saved = diary.counts[:, :, Deed.SAVE].sum(axis=0)
    during, before = slice(start, start + 14), slice(start - 60, start)
    assert saved[during][works[during]].mean() > 1.5 * saved[before][works[before]].mean()
