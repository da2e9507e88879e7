"""A simulated stretch of time: cases open, facts come, reports are made, the power fails, clocks are put forward."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from tests.cases.samples import at, group, incoming

from waybill.cases import clocks, judging, models, queries
from waybill.cases.clocks import STEPS, Clock, Law
from waybill.cases.journal import entries
from waybill.cases.words import Act, CaseState
from waybill.flow.cases import clocks as case_clocks
from waybill.rulebook import load_rulebook
from waybill.rulebook.facts import read_facts
from waybill.rulebook.instruments import Unit

BOOK = load_rulebook()
LAW = Law(
    BOOK,
    read_facts(
        {
            "cn_operator": "yes", "ciio": "no", "state_organ": "no", "data_incident": "no", "flaw_found": "no",
            "eu_breach": "yes", "eu_processor": "no", "eu_high_risk": "no", "eu_risk_unlikely": "no",
            "nis2_entity": "yes", "dora_entity": "no", "cra_manufacturer": "no", "sec_registrant": "yes",
            "crime_suspected": "no",
        }
    ),
)  # fmt: skip
"""An organisation in China, Europe and America: its deadlines are hours, days, working days, months, in three zones."""

DECIDED = ({"incident_grade": "larger"}, {"incident_grade": "general"}, {"personal_data_breach": "yes"},
           {"personal_data_breach": "no"}, {"nis2_significant": "yes"}, {"nis2_significant": "no"},
           {"sec_material": "yes"}, {"sec_material": "no"})  # fmt: skip
START = datetime(2026, 1, 1, tzinfo=UTC)


class PowerError(Exception):
    """The power fails."""


class World:
    """What happens, and what of it was missed."""

    def __init__(self, seed: int, begin: datetime = START) -> None:
        self.random = random.Random(seed)
        self.begin = self.now = begin
        self.missed: list[str] = []
        self.wrong: list[str] = []
        """Clocks that are due at another time than the law says."""
        self.failures = self.told = self.across = 0
        """Times the power failed, steps that were told, clocks that ran across a change of summer time."""
        self._number = 0
        self._seen: set[tuple[int, str, datetime]] = set()

    def round(self, length: timedelta) -> None:
        """Go on in time: people act now and then, and the service tells what is due; the power may fail within both."""
        self.now += length * self.random.uniform(0.5, 1.0)
        if self.random.random() < 0.1:
            self._until_power_fails(self.act)
        if not self._until_power_fails(self._tell):
            self._tell()  # it was started again
        self.check(length)

    def act(self) -> None:
        """Do something that people or detectors do."""
        numbers = [case.number for case in queries.cases(queries.Wanted(states=queries.OPEN))]
        kind = self.random.random()
        if kind < 0.2 or not numbers:
            self._number += 1
            hours = (self.now - self.begin) / timedelta(hours=1) + 1_000 * self._number
            for number in group(incoming(at(hours, self._number)), now=self.now):
                clocks.run(number, LAW, now=self.now)
            return
        number = self.random.choice(numbers)
        running = [clock for clock in clocks.clocks([number], running=True) if clock.certain]
        if kind < 0.7:
            facts = read_facts(self.random.choice(DECIDED))
            moments = {"classified": self.now} if "sec_material" in facts else {}
            judging.set_facts(number, facts, moments, who="li", reason="as it turned out")
        elif running:
            clocks.meet(number, running[0].id, at=self.now, who="li", reason="receipt", now=self.now)
        else:
            judging.set_state(number, CaseState.CLOSED, who="li", reason="nothing is left to do")
        clocks.run(number, LAW, now=self.now)

    def check(self, every: timedelta) -> None:
        """Hold what was told against what should have been, for all clocks that run."""
        for clock in clocks.clocks(running=True):
            if clock.certain and clock.step(self.now - every) > clock.escalated:
                self.missed.append(f"{clock.case}/{clock.id} at {self.now}")
            if (key := (clock.case, clock.id, clock.due_at)) not in self._seen:
                self._seen.add(key)
                self._hold(clock)

    def _hold(self, clock: Clock) -> None:
        """Hold a deadline against the calendar on the wall where the law counts its days."""
        instrument, deadline = BOOK.deadlines[clock.id]
        begun, due = (moment.astimezone(ZoneInfo(instrument.zone)) for moment in (clock.started_at, clock.due_at))
        self.across += begun.utcoffset() != due.utcoffset()
        if deadline.unit is Unit.HOURS:
            right = clock.due_at - clock.started_at == timedelta(hours=deadline.length)
        elif deadline.unit is Unit.AT_ONCE:
            right = clock.due_at == clock.started_at
        else:
            right = (due.hour, due.minute) == (23, 59) and due.date() > begun.date()
            right = right and (deadline.unit is not Unit.DAYS or (due.date() - begun.date()).days == deadline.length)
            right = right and (deadline.unit is not Unit.MONTHS or (due.month - begun.month) % 12 == deadline.length)
        if not right:
            self.wrong.append(f"{clock.case}/{clock.id}: {begun} to {due}")

    def _tell(self) -> None:
        self.told += case_clocks.tell(self.now)

    def _until_power_fails(self, act: Callable[[], object]) -> bool:
        """Do something; whether it got done. The power fails before any of its statements, or before the commit."""
        left = self.random.randint(1, 40) if self.random.random() < 0.1 else 0
        told = self.told

        def failing(execute: Callable[..., object], *given: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                raise PowerError
            return execute(*given)

        try:
            with transaction.atomic():
                with connection.execute_wrapper(failing):
                    act()
                if left > 0:
                    raise PowerError
        except PowerError:
            self.failures += 1
            self.told = told
            return False
        return True


def simulate(seed: int, days: int, step: timedelta, *, begin: datetime = START) -> World:
    """Return a world after so many days; every step that was told was told in the round it came."""
    world = World(seed, begin)
    for _ in range(int(timedelta(days=days) / step)):
        world.round(step)
    for case in models.Case.objects.all():
        for entry in entries(case.pk, Act.ESCALATED):
            if entry.what["step"] < len(STEPS) and entry.at >= datetime.fromisoformat(entry.what["due"]):
                world.missed.append(f"{case.pk}: {entry.what}")
    return world
