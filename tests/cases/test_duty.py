"""Who is on call: one at a time, swaps that both agree to, gaps told, duty handed over; all of it in the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from waybill.cases import duty, erasing, models
from waybill.model.errors import UsageError
from waybill.outbox.models import Row

pytestmark = pytest.mark.usefixtures("database")

LI, WANG, ZHAO = "p-" + "a" * 16, "p-" + "b" * 16, "p-" + "c" * 16
DAY = timedelta(days=1)


def today() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def test_people_are_on_call_in_turn() -> None:
    begins = today() - timedelta(hours=2)
    made = duty.plan([LI, WANG], begins, DAY, 4, who="lead")
    assert [one.person for one in made] == [LI, WANG, LI, WANG]
    now = duty.on_duty(datetime.now(UTC))
    assert now is not None and now.person == LI
    assert not duty.gaps(begins, begins + 4 * DAY)
    assert duty.on_duty(begins + 4 * DAY) is None, "a shift is over at its end"
    assert Row.objects.filter(kind="rota").count() == 4


@pytest.mark.parametrize("hours", [-5, 0, 5])
def test_nobody_is_on_call_beside_another(hours: int) -> None:
    begins = today() + DAY
    duty.plan([LI], begins, timedelta(hours=8), 1, who="lead")
    with pytest.raises(UsageError, match="already"):
        duty.plan([WANG], begins + timedelta(hours=hours), timedelta(hours=8), 1, who="lead")
    assert len(duty.shifts(begins - DAY, begins + DAY)) == 1, "all of a plan or nothing"


@pytest.mark.parametrize(
    ("people", "length", "count"),
    [
        ([], DAY, 1),
        ([""], DAY, 1),
        ([LI], timedelta(minutes=5), 1),
        ([LI], DAY * 40, 1),
        ([LI], DAY, 0),
        ([LI], DAY, 999),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(people: list[str], length: timedelta, count: int) -> None:
    with pytest.raises(UsageError):
        duty.plan(people, today(), length, count, who="lead")


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 12)), max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_gaps_and_shifts_together_fill_the_time(wanted: list[tuple[int, int]]) -> None:
    models.Shift.objects.all().delete()
    begins = today()
    for at, hours in wanted:
        try:
            duty.plan([LI], begins + timedelta(hours=at), timedelta(hours=hours), 1, who="lead")
        except UsageError:
            continue
    until = begins + timedelta(hours=220)
    planned = duty.shifts(begins, until)
    covered = sum((one.ends_at - one.begins_at for one in planned), timedelta())
    open_ = sum((end - begin for begin, end in duty.gaps(begins, until)), timedelta())
    assert covered + open_ == (until - begins if planned else timedelta())
    for begin, end in duty.gaps(begins, until):
        assert duty.on_duty(begin) is None and duty.on_duty(end - timedelta(seconds=1)) is None


def test_a_swap_takes_two() -> None:
    (shift,) = duty.plan([LI], today() + DAY, DAY, 1, who="lead")
    with pytest.raises(UsageError):
        duty.ask_swap(shift.number, ZHAO, who=WANG, reason="not mine to give")
    with pytest.raises(UsageError):
        duty.ask_swap(shift.number, LI, who=LI, reason="to myself")
    wish = duty.ask_swap(shift.number, WANG, who=LI, reason="a wedding")
    assert duty.get(shift.number).person == LI, "asked is not given"
    with pytest.raises(UsageError):
        duty.answer_swap(wish, True, who=LI)
    duty.answer_swap(wish, True, who=WANG)
    assert duty.get(shift.number).person == WANG and not duty.swaps()
    with pytest.raises(UsageError):
        duty.answer_swap(wish, False, who=WANG)


def test_of_a_shift_that_runs_the_rest_is_taken() -> None:
    begins = today() - timedelta(hours=3)
    (shift,) = duty.plan([LI], begins, DAY, 1, who="lead")
    duty.answer_swap(duty.ask_swap(shift.number, WANG, who=LI, reason="ill"), True, who=WANG)
    now = duty.on_duty(datetime.now(UTC))
    assert now is not None and now.person == WANG and now.ends_at == begins + DAY
    before = duty.on_duty(begins)
    assert before is not None and before.person == LI, "what was stays whose it was"
    assert not duty.gaps(begins, begins + DAY)


def test_a_declined_swap_changes_nothing() -> None:
    (shift,) = duty.plan([LI], today() + DAY, DAY, 1, who="lead")
    duty.answer_swap(duty.ask_swap(shift.number, WANG, who=LI, reason="a wedding"), False, who=WANG)
    assert duty.get(shift.number).person == LI and not duty.swaps()


def test_duty_is_handed_over_and_taken() -> None:
    duty.plan([LI, WANG], today() - timedelta(hours=1), timedelta(hours=8), 2, who="lead")
    with pytest.raises(UsageError):
        duty.hand_over("not mine", who=WANG)
    number = duty.hand_over("the bucket is shut until Friday", who=LI)
    with pytest.raises(UsageError):
        duty.take_over(number, who=ZHAO)
    duty.take_over(number, who=WANG)
    (told,) = duty.handovers()
    assert told.taken_at is not None and (told.by, told.to) == (LI, WANG)


def test_what_has_begun_is_not_removed() -> None:
    first, second = duty.plan([LI], today() - timedelta(hours=1), timedelta(hours=8), 2, who="lead")
    with pytest.raises(UsageError):
        duty.remove(first.number, who="lead", reason="x")
    duty.remove(second.number, who="lead", reason="a holiday")
    assert duty.gaps(first.begins_at, second.ends_at) == [(second.begins_at, second.ends_at)]


def test_who_is_forgotten_is_on_no_rota() -> None:
    (shift,) = duty.plan([LI], today() + DAY, DAY, 1, who="lead")
    duty.ask_swap(shift.number, WANG, who=LI, reason=f"for {LI}")
    assert erasing.erase_subject(LI)
    assert duty.get(shift.number).person != LI and LI not in str(duty.swaps())
