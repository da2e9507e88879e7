"""Behaviour: insiders found among a thousand people, and what of the benign is told, beside four peers.

The population is that of ``waybill.simulate.population``; the seeds here were never used to choose anything (those were
1, 2 and, benign, 11). Peers (scikit-learn, PyOD) run in an environment of their own, see ``behaviour_peers.py``, on the
27 figures of a day that their published results rest on, with hours by the clock. The run is invalid unless they land
within .10 of what was measured for them elsewhere, so that louder insiders cannot buy the result; what they do with all
of our figures stands beside it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bench.environments import environment
from bench.labelled import Labelled
from bench.scoreboard import Row, row
from waybill.detect.behaviour.adding import DAY, Rows, Sums, adder, plain
from waybill.detect.behaviour.atoms import COLUMNS, atoms, moments
from waybill.detect.behaviour.features import COLUMN, NAMES
from waybill.detect.behaviour.kinds import Company as Known
from waybill.detect.behaviour.observer import Observer
from waybill.detect.behaviour.people import events
from waybill.detect.behaviour.scorer import Scored
from waybill.model.errors import UsageError
from waybill.model.protocols import Tables
from waybill.simulate.population import Company, populate
from waybill.simulate.population.company import BEGIN, CAREER_PLACE
from waybill.simulate.population.roles import NAMES as ROLES

SEEDS = tuple(range(101, 111))
BENIGN_SEEDS = (111, 112, 113)

PACKAGES = ("scikit-learn==1.9.1", "pyod==3.6.7")
PEERS = {"isolation_forest": "IsolationForest", "copod": "PyOD COPOD", "pca": "PyOD PCA", "autoencoder": "autoencoder"}
PUBLISHED = {
    "isolation_forest": (0.28, 0.19, 0.16),
    "copod": (None, None, 0.17),
    "pca": (0.54, 0.35, 0.34),
    "autoencoder": (0.44, 0.48, 0.50),
}
"""Insiders found and precision at one new person a day, and recall in the top 1 % of person-days: medians of three
seeds, so that it is our medians that must be near them."""
TOLERANCE = 0.10

LEARNING = 0.42
"""Share of the days before the first that count."""
MUTED, LOOK_BACK = 14, 14
"""Days for which somebody who was told is not told again; days before that count as told."""

_OURS_ALONE = (
    "controlled assets",
    "records",
    "others' machines",
    "mails to rare",
    "uploads to rare",
    "foreign reads",
    "controlled out lately",
    "swept",
)
"""Figures that the peers' published results do not rest on."""

Values = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Days:
    """All person-days of a company: whose, when, the figures, and which scenario they belong to."""

    person: Codes
    day: Codes
    figures: Values
    standard: Values
    """The figures that peers are published on."""
    bad: Codes
    score: Values
    p: Values
    excess: float
    """The largest difference between a score and the sum of its parts."""
    records: int
    seconds: tuple[float, float]
    """Of processor time: adding records up, and scoring days."""


def measure() -> list[Row]:
    """Return the figures over all report seeds, or over the release of CERT's data in the folder WAYBILL_CERT."""
    if folder := os.environ.get("WAYBILL_CERT"):
        return list(_on_cert(Path(folder)))
    python = environment("behaviour", PACKAGES)
    figures: dict[str, list[tuple[float, float, float]]] = {}
    last = None
    for seed in SEEDS:
        company = labelled(populate(seed))
        last = observe(company)
        figures.setdefault("ours", []).append(judged(last.score, last, company))
        for name, scores in peers(python, last, company).items():
            figures.setdefault(name, []).append(judged(scores, last, company))
        print(f"behaviour: seed {seed}", {name: figures[name][-1] for name in figures}, file=sys.stderr, flush=True)
    assert last is not None
    return [*_compared(figures), *_benign(), *_speed(last, company)]


def _on_cert(folder: Path) -> Iterator[Row]:
    """Yield what a release of the CERT datasets says, whose number the folder's name ends with (``r4.2``)."""
    from bench import cert

    release = folder.resolve().name.removeprefix("r")
    if release not in cert.RELEASES:
        raise UsageError("this is no release that can be read", where=str(folder), expected=", ".join(cert.RELEASES))
    company = cert.read(folder, release)
    days = observe(company)
    scores = {"ours": days.score, **peers(environment("behaviour", PACKAGES), days, company)}
    for name, values in scores.items():
        title = PEERS.get(name.rstrip("+"), name) + (" on all our figures" if name.endswith("+") else "")
        for (what, _), value in zip(_GOALS, judged(values, days, company), strict=True):
            yield row(f"r{release}: {what}, {title}", value, "")
        for share, recall in _recalls(values, days, company):
            yield row(f"r{release}: recall of person-days at {share:.1%} false alarms, {title}", recall, "")


def _recalls(scores: Values, days: Days, company: Labelled) -> Iterator[tuple[float, float]]:
    """Yield the share of bad days that score above so many of the good ones."""
    counted = days.day >= int(company.days * LEARNING)
    good, bad = scores[counted & (days.bad == 0)], scores[counted & (days.bad > 0)]
    for share in (0.001, 0.01, 0.05):
        yield share, float((bad > np.quantile(good, 1 - share)).mean()) if len(bad) else float("nan")


def labelled(company: Company) -> Labelled:
    """Return a simulated company as the benchmark takes it."""
    return Labelled(company.days, BEGIN, company.transfers, company.register, company.bad, company.names)


def observe(company: Labelled) -> Days:
    """Take a company through the detector's own path."""
    tables = Tables(_complete(company.transfers), company.register)
    begun = time.process_time()
    added = atoms(tables, Known(company.register, (CAREER_PLACE,)))
    between = time.process_time()
    observer = Observer()
    scored = list(observer.days(added, events(tables), company.register))
    seconds = (between - begun, time.process_time() - between)
    return _days(company, observer, scored, tables, seconds)


def _complete(transfers: pa.Table) -> pa.Table:
    """Return transfers with every column that the detector reads."""
    for name in set(COLUMNS) - set(transfers.column_names):
        transfers = transfers.append_column(name, pa.nulls(transfers.num_rows, pa.string()))
    return transfers


def _days(
    company: Labelled, observer: Observer, scored: Sequence[Scored], tables: Tables, seconds: tuple[float, float]
) -> Days:
    number = {name: person for person, name in enumerate(company.names)}
    people = np.array([number[name] for name in observer.people.entities])
    first = int(company.begin.timestamp()) * 1_000_000 // DAY
    kept = [one for one in scored if one.day - first < company.days]
    person = np.concatenate([people[one.entities] for one in kept])
    day = np.concatenate([np.full(len(one.entities), one.day - first) for one in kept])
    figures = np.vstack([one.figures for one in kept])
    return Days(
        person=person,
        day=day,
        figures=figures,
        standard=_standard(company, tables, figures, person, day, number=number),
        bad=company.bad[person, day],
        score=np.concatenate([one.score for one in kept]),
        p=np.concatenate([one.p for one in kept]),
        excess=max(float(np.abs(one.parts.sum(axis=1) - one.score).max()) for one in scored),
        records=tables.transfers.num_rows,
        seconds=seconds,
    )


def _standard(
    company: Labelled, tables: Tables, figures: Values, person: Codes, day: Codes, *, number: dict[str, int]
) -> Values:
    """Return the figures that the peers are published on: without ours, and with hours by the clock."""
    standard = figures.copy()
    moment = moments(tables.transfers)
    hour = moment % DAY / (DAY / 24)
    actor = tables.transfers["actor"].combine_chunks()
    actor = actor.chunk(0) if isinstance(actor, pa.ChunkedArray) else actor
    who = np.array([number[name] for name in actor.dictionary.to_pylist()])[actor.indices.to_numpy()]
    when = moment // DAY - int(company.begin.timestamp()) * 1_000_000 // DAY
    late = ((hour < 6.5) | (hour >= 20)) & (when < company.days)
    action = tables.transfers["action"].to_numpy(zero_copy_only=False)
    moved = np.isin(action, ["copy", "connect", "send", "upload", "delete"])
    for name, some in (("off hours", late), ("transfers off hours", late & moved)):
        counts = np.zeros((len(company.names), company.days))
        np.add.at(counts, (who[some], when[some]), 1)
        standard[:, COLUMN[name]] = counts[person, day]
    return standard[:, [column for column, name in enumerate(NAMES) if name not in _OURS_ALONE]]


def peers(python: Path, days: Days, company: Labelled) -> dict[str, Values]:
    """Return the scores of each peer, on the standard figures and, named with ``+``, on all of ours."""
    found: dict[str, Values] = {}
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as folder:
        given, answer = Path(folder) / "days.npz", Path(folder) / "scores.npz"
        for mark, figures in (("", days.standard), ("+", days.figures)):
            training = days.day < int(company.days * LEARNING)
            np.savez(given, figures=figures, training=training, entity=days.person)
            script = Path(__file__).with_name("behaviour_peers.py")
            subprocess.run([python, "-I", script, given, answer], check=True)
            with np.load(answer) as scores:
                found |= {name + mark: scores[name] for name in PEERS}
    return found


def judged(scores: Values, days: Days, company: Labelled) -> tuple[float, float, float]:
    """Return insiders found and precision at one new person a day, and recall in the top 1 % of person-days."""
    counted = days.day >= int(company.days * LEARNING)
    top = np.argsort(-scores[counted], kind="stable")[: int(counted.sum() * 0.01)]
    wrong = days.bad[counted] > 0
    found, told, right = _cases(scores, days, company)
    campaigns = {
        (int(who), int(what)) for who, what in zip(days.person[counted], days.bad[counted], strict=True) if what
    }
    return len(found & campaigns) / len(campaigns), right / told, float(wrong[top].sum() / wrong.sum())


def _cases(scores: Values, days: Days, company: Labelled) -> tuple[set[tuple[int, int]], int, int]:
    """Return which campaigns are found where one new person a day is looked at, how many were, and how many rightly."""
    last = np.full(len(company.names), -MUTED - 1)
    found: set[tuple[int, int]] = set()
    told = right = 0
    for day in range(int(company.days * LEARNING), company.days):
        rows = np.flatnonzero(days.day == day)
        rows = rows[day - last[days.person[rows]] > MUTED]
        if not len(rows):
            continue
        who = int(days.person[rows[np.argmax(scores[rows])]])
        last[who] = day
        seen = company.bad[who, max(0, day - LOOK_BACK) : day + 1]
        told, right = told + 1, right + bool(seen.any())
        found |= {(who, int(what)) for what in seen[seen > 0]}
    return found, told, right


_GOALS = (
    ("insiders found at one new person a day", 0.60),
    ("precision at one new person a day", 0.50),
    ("recall in the top 1 % of person-days", 0.42),
)


def _compared(figures: dict[str, list[tuple[float, float, float]]]) -> Iterator[Row]:
    for column, (what, goal) in enumerate(_GOALS):
        mean = {name: float(np.mean([one[column] for one in seeds])) for name, seeds in figures.items()}
        best = max((name for name in PEERS), key=lambda name: mean[name])
        spread = _interval([one[column] for one in figures["ours"]])
        label, value = PEERS[best], mean[best]
        yield row(f"{what} ({spread})", mean["ours"], "", peer=f"best: {label}", peer_value=value, at_least=goal)
        for name, title in PEERS.items():
            published = PUBLISHED[name][column]
            interval = _interval([one[column] for one in figures[name]])
            yield row(f"  {title} ({interval})", mean[name], "")
            yield row(f"  {title} on all our figures", mean[f"{name}+"], "")
            if published is not None:
                away = abs(float(np.median([one[column] for one in figures[name]])) - published)
                yield row(
                    f"  {title}: median away from {published:.2f}, measured elsewhere", away, "", at_most=TOLERANCE
                )


def _interval(values: Sequence[float]) -> str:
    """Return the 95 % interval of the mean over seeds, by Student's t."""
    from scipy.stats import t

    half = t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return f"95 %: {np.mean(values) - half:.2f} to {np.mean(values) + half:.2f}, {len(values)} seeds"


def _benign() -> Iterator[Row]:
    """What is told of a company in which nobody does anything wrong."""
    p, role, top = [], [], []
    for seed in BENIGN_SEEDS:
        company = populate(seed, benign=True)
        days = observe(labelled(company))
        counted = days.day >= int(company.days * LEARNING)
        p.append(days.p[counted])
        top.append(days.score[counted] >= np.quantile(days.score[counted], 0.99))
        role.append(company.staff.role_on(np.arange(company.days))[days.day, days.person][counted])
    shares, roles = np.concatenate(p), np.concatenate(role)
    for nominal in (0.001, 0.01):
        told = int((shares <= nominal).sum())
        yield from _kept(f"{nominal:.1%}", told, nominal * len(shares))
    by_role = {name: float((shares[roles == number] <= 0.01).mean() / 0.01) for number, name in enumerate(ROLES)}
    worst = max(by_role, key=lambda name: by_role[name])
    yield row(f"worst role's flag rate / nominal, at 1 % ({worst})", by_role[worst], "", at_most=2)
    first = np.concatenate(top)
    on_list = {name: float(first[roles == number].mean() / first.mean()) for number, name in enumerate(ROLES)}
    worst = max(on_list, key=lambda name: on_list[name])
    yield row(
        f"  worst role's share of the watch list's top 1 %, by score / its share of days ({worst})", on_list[worst], ""
    )


def _kept(nominal: str, told: int, promised: float) -> Iterator[Row]:
    from scipy.stats import chi2

    low, high = chi2.ppf(0.025, 2 * told) / 2 / promised, chi2.ppf(0.975, 2 * told + 2) / 2 / promised
    what = f"realised / nominal false alarms at {nominal} (95 %: {low:.2f} to {high:.2f}, {told} told)"
    yield row(f"{what}: not below", told / promised, "", at_least=0.5)
    yield row(f"{what}: not above", told / promised, "", at_most=1.3)


def _adding_up(tables: Tables, known: Known, add: Callable[[Rows], Sums]) -> float:
    """Return the processor seconds that adding up takes."""
    begun = time.process_time()
    atoms(tables, known, add)
    return time.process_time() - begun


def _speed(days: Days, company: Labelled) -> Iterator[Row]:
    """Yield how fast records are added up, in NumPy and compiled, and days scored, which is NumPy either way."""
    adding, scoring = days.seconds
    tables, known = Tables(_complete(company.transfers), company.register), Known(company.register, (CAREER_PLACE,))
    seconds = {}
    for add in (plain, adder()):
        atoms(Tables(tables.transfers.slice(0, 100), company.register), known, add)  # compiles, and asks the register
        seconds[add] = statistics.median(_adding_up(tables, known, add) for _ in range(5))
    yield row("records added up, pure, of one core's time", days.records / seconds[plain] / 1e6, "M/s")
    if adder() is not plain:
        rate = days.records / seconds[adder()] / 1e6
        yield row("records added up, compiled, of one core's time", rate, "M/s", at_least=5)
    yield row("person-days scored, of one core's time", len(days.score) / scoring, "days/s")
    yield row("records to scores, of one core's time", days.records / (adding + scoring) / 1e6, "M/s")
    yield row("largest difference between a score and the sum of its parts", days.excess, "", at_most=1e-9)
