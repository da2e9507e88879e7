"""Trends: whether intervals and tests keep what they promise, and whether what is published gives anything away.

What is known beforehand is simulated; what is not comes from VCDB (VERIS Community Database, CC BY-SA 4.0), which is
read where WAYBILL_CORPORA names it and left out where not.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.scoreboard import Row, row
from bench.trends_simulator import CAMPAIGNS, CONGRESS, World, counts, world
from waybill.trends import reading
from waybill.trends.delays import LEAST_COMPLETE, estimate
from waybill.trends.duplicates import by_id, without
from waybill.trends.effects import measure as measured
from waybill.trends.incidents import Incident
from waybill.trends.noise import membership, noisy
from waybill.trends.poisson import baseline, fit
from waybill.trends.shifting import LEVEL, turned
from waybill.trends.suppression import attack, small, suppressed
from waybill.trends.tables import Table
from waybill.trends.weeks import DAYS, Weeks, weekly

Values = npt.NDArray[np.float64]

RUNS = 200
FAKES = 300
DELAY_RUNS = 200
INJECTIONS = 100
SURE = 1.959964


def _measured() -> Iterator[Row]:
    """Yield every figure."""
    for mean in (2.0, 10.0, 40.0):
        yield from _known_answers(mean)
        print(f"trends: {mean:g} a week", file=sys.stderr, flush=True)
    yield from _delays()
    yield from _attacks_on_noise()
    folder = os.environ.get("WAYBILL_CORPORA")
    if folder:
        yield from _on_vcdb(Path(folder) / "vcdb" / "vcdb-validated.tar.xz")


def measure() -> list[Row]:
    """Return every figure."""
    return list(_measured())


def _known_answers(mean: float) -> Iterator[Row]:
    """Yield coverage and power where two effects are there, and how often a test errs where none is."""
    random = np.random.default_rng(int(mean))
    covered, naive, seen, promised, errs = [], [], [], [], []
    for _ in range(RUNS):
        here = world(random)
        weeks = counts(random, here, mean, CONGRESS, CAMPAIGNS)
        for window, other, true in _windows(here):
            found = measured(weeks, window, [other, here.holiday], claims=(true,), yearly_levels=False)
            covered.append(found.low <= true <= found.high)
            seen.append((true, found.p <= LEVEL))
            promised.append((true, found.powers[0][1]))
            naive.append(_naive_covers(weeks, [window, other, here.holiday], true))
        nothing = counts(random, here, mean)
        design = np.column_stack([baseline(nothing, yearly_levels=False), here.holiday])
        model = fit(design, nothing.counts)
        errs += [turned(window, design, nothing.counts, model.mean).p <= LEVEL for window, _, _ in _windows(here)]
    label = f"{mean:g} a week"
    yield _between(
        f"coverage of 95 % intervals, {label}",
        float(np.mean(covered)),
        0.93,
        0.97,
        ("naive Poisson", float(np.mean(naive))),
    )
    yield row(f"false positives at 5 %, {label}", float(np.mean(errs)), "share")
    for true, name in ((CONGRESS, "-34 %, 2 weeks a year"), (CAMPAIGNS, "+19 %, six campaigns")):
        power = np.mean([one for ratio, one in seen if ratio == true])
        told = np.mean([one for ratio, one in promised if ratio == true])
        yield row(
            f"power, {name}, {label}", float(power), "share", peer="as told beside results", peer_value=float(told)
        )


def _windows(here: World) -> tuple[tuple[Values, Values, float], ...]:
    return (here.congress, here.campaigns, CONGRESS), (here.campaigns, here.congress, CAMPAIGNS)


def _naive_covers(weeks: Weeks, windows: list[Values], true: float) -> bool:
    """Return whether the interval of a Poisson model holds the truth."""
    window, *others = windows
    model = fit(np.column_stack([baseline(weeks, yearly_levels=False), *others, window]), weeks.counts)
    return bool(abs(model.coefficients[-1] - np.log(true)) < SURE * np.sqrt(model.bread[-1, -1]))


def _delays() -> Iterator[Row]:
    """Yield how often a calendar of the newest eight weeks is told to matter when it does not, and its ratio."""
    random = np.random.default_rng(5)
    size, start = 208, date(2019, 1, 7).toordinal()
    window = (np.arange(size) >= size - 8).astype(float)
    outcome: dict[str, list[tuple[float, bool]]] = {"set right": [], "ignored": []}
    for _ in range(DELAY_RUNS):
        happened = np.repeat(np.arange(size), random.poisson(20 * random.gamma(10, 0.1, size)))
        days = start + happened * DAYS + random.integers(0, DAYS, len(happened))
        delay = np.floor(random.lognormal(5.05, 1.25, len(days)))  # median 156 days, as in VCDB
        now = start + size * DAYS
        known = days + delay <= now
        seen = np.bincount(happened[known], minlength=size).astype(float)
        delays = estimate(days[known].astype(float), delay[known], now)
        assert delays is not None
        shares = delays.complete((now - (start + np.arange(size) * DAYS) - DAYS / 2) / DAYS)
        kept = shares >= LEAST_COMPLETE
        for name, mask, offset in (("set right", kept, np.log(shares[kept])), ("ignored", shares >= 0, None)):
            weeks = Weeks(date.fromordinal(start), seen[mask])
            found = measured(weeks, window[mask], offset=offset, claims=(), yearly_levels=False)
            outcome[name].append((found.ratio, found.p <= LEVEL))
    right, ignored = (np.array(outcome[name]) for name in ("set right", "ignored"))
    yield row(
        "a true null rejected under reporting delay", float(right[:, 1].mean()), "share", peer="delay ignored",
        peer_value=float(ignored[:, 1].mean()), at_most=0.05,
    )  # fmt: skip
    yield row(
        "its ratio, which is 1", float(np.median(right[:, 0])), "", peer="delay ignored",
        peer_value=float(np.median(ignored[:, 0])),
    )  # fmt: skip


def _attacks_on_noise() -> Iterator[Row]:
    """Yield how often the best attacker tells whether one organisation is in a cell, beside what epsilon allows."""
    random, draws = np.random.default_rng(1), 20_000
    for epsilon in (0.5, 1.0, 2.0):
        inside = random.integers(0, 2, draws)
        seen = noisy(7 + inside, epsilon, 1)
        right = float(((seen >= 8) == inside).mean())
        allowed = membership(epsilon)
        error = 3 * np.sqrt(allowed * (1 - allowed) / draws)
        yield row(
            f"membership attack, epsilon {epsilon:g}", right, "share", peer="e^epsilon/(1+e^epsilon)",
            peer_value=allowed, at_most=float(allowed + error),
        )  # fmt: skip


def _on_vcdb(path: Path) -> Iterator[Row]:
    begun = time.process_time()
    read = [one for one in reading.read(path, "vcdb") if isinstance(one, Incident)]
    yield from _loaded(read, begun)
    incidents = without(read, by_id(read))
    yield from _fakes(incidents)
    yield from _injected(incidents)
    yield from _lp(incidents)


def _loaded(read: list[Incident], begun: float) -> Iterator[Row]:
    """Yield the processor time from the packed files to rows of the register."""
    from waybill.control import close_database, open_database

    with tempfile.TemporaryDirectory() as folder:
        open_database(Path(folder) / "control.db")
        from waybill.trends import store  # its tables need the database open

        before = time.process_time()
        added = store.add_incidents("vcdb", read, refused=0, who="bench")
        taken = time.process_time() - before + (before - begun)
        close_database()
    yield row("VCDB to tables", taken, "s of processor time", at_most=10.0)
    yield row("records taken", added.added, "records", at_least=9_425)
    yield row("doubles by id", added.duplicates, "records", at_least=129)


def _fakes(incidents: list[Incident]) -> Iterator[Row]:
    """Yield how often calendars that mean nothing are told to matter, on real weeks."""
    weeks = weekly(incidents, date(2010, 1, 4), date(2020, 12, 27))
    design = baseline(weeks)
    model = fit(design, weeks.counts)
    random = np.random.default_rng(11)
    told: dict[str, list[tuple[bool, bool]]] = {"two weeks a year": [], "six of twelve weeks": []}
    for number in range(2 * FAKES):
        kind = "two weeks a year" if number % 2 else "six of twelve weeks"
        window = _two_a_year(weeks, random) if number % 2 else _six(len(weeks), random)
        found = turned(window, design, weeks.counts, model.mean)
        told[kind].append((found.p <= LEVEL, abs(found.score) > SURE))
    ours, naive = np.array([one for kind in told.values() for one in kind]).mean(axis=0)
    yield _between("fake calendars told to matter, on VCDB", float(ours), 0.03, 0.07, ("naive Poisson", float(naive)))
    for kind, pairs in told.items():
        ours, naive = np.array(pairs).mean(axis=0)
        yield row(f"of them, {kind}", float(ours), "share", peer="naive Poisson", peer_value=float(naive))


def _two_a_year(weeks: Weeks, random: np.random.Generator) -> Values:
    years = np.array([one.year for one in weeks.mondays])
    window = np.zeros(len(weeks))
    for year in sorted(set(years)):
        places = np.flatnonzero(years == year)
        start = random.integers(0, len(places) - 1)
        window[places[start : start + 2]] = 1
    return window


def _six(size: int, random: np.random.Generator) -> Values:
    window = np.zeros(size)
    for start in random.choice(size - 12, 6, replace=False):
        window[start : start + 12] = 1
    return window


def _injected(incidents: list[Incident]) -> Iterator[Row]:
    """Yield whether effects that are put into real weeks lie in their intervals: some taken away, some told twice."""
    weeks = weekly(incidents, date(2010, 1, 4), date(2020, 12, 27))
    random = np.random.default_rng(2)
    for true, kind in ((CONGRESS, "two weeks a year"), (CAMPAIGNS, "six of twelve weeks")):
        held, ratios = [], []
        for _ in range(INJECTIONS):
            window = _two_a_year(weeks, random) if kind == "two weeks a year" else _six(len(weeks), random)
            base = weeks.counts[window > 0].astype(int)
            changed = weeks.counts.copy()
            changed[window > 0] = random.binomial(base, true) if true < 1 else base + random.binomial(base, true - 1)
            found = measured(Weeks(weeks.first, changed), window, claims=(true,))
            held.append(found.low <= true <= found.high)
            ratios.append(found.ratio)
        yield row(f"injected {true - 1:+.0%} in the interval", float(np.mean(held)), "share", at_least=0.85)
        yield row(f"injected {true - 1:+.0%}, median ratio", float(np.median(ratios)), "")


def _lp(incidents: list[Incident]) -> Iterator[Row]:
    """Yield what the attacker recovers of trade by year, with other cells hidden and with the small ones alone."""
    years = range(2010, 2022)
    trades: dict[str, Values] = {}
    for one in incidents:
        if one.occurred.year in years:
            trades.setdefault(one.industry[:2], np.zeros(12))[one.occurred.year - 2010] += 1
    chosen = sorted(sorted(trades, key=lambda trade: -trades[trade].sum())[:12])
    table = np.array([trades[trade] for trade in chosen], dtype=np.int64)
    alone = sum(one.recovered for one in attack(table, small(table)))
    begun = time.process_time()
    found = suppressed(Table("trade-year", tuple(chosen), tuple(map(str, years)), table))
    taken = time.process_time() - begun
    recovered = sum(one.recovered for one in found.bounds)
    yield row(
        "hidden cells that the attacker recovers", recovered, "cells",
        peer=f"primary suppression alone, of {int(small(table).sum())}", peer_value=float(alone), at_most=0,
    )  # fmt: skip
    yield row("share of counts hidden", found.share_hidden, "share")
    yield row("time to hide and attack, 12 by 12", taken, "s")


def _between(what: str, value: float, low: float, high: float, peer: tuple[str, float]) -> Row:
    """Return a figure whose goal has two ends."""
    name, beside = peer
    return Row(
        what=what, value=value, unit="share", peer=name, peer_value=beside,
        ratio=value / beside if beside else None, goal=f"{low:g} to {high:g}", met=low <= value <= high,
    )  # fmt: skip
