"""What leaves gives nothing away: hidden cells stay hidden, noise is what was signed, no table leaves twice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trends.invented import incident, years_of

from waybill.control import close_database
from waybill.flow.installation import Installation
from waybill.flow.trends import publication
from waybill.model.errors import UsageError
from waybill.trends import account, noise, site, store, suppression
from waybill.trends.erasing import erase_subject
from waybill.trends.lanes import LANES, Lane, check, tables
from waybill.trends.site import Drawn, Publication
from waybill.trends.suppression import OTHERS, attack, fold, protect, small, suppressed
from waybill.trends.tables import WAYS, Table, count, width
from waybill.trends.words import SpendState

EXAMPLE = np.array([[20, 3, 41, 7], [15, 22, 8, 60], [4, 33, 2, 19], [51, 6, 70, 38]])


def table(counts: np.ndarray) -> Table:
    rows, columns = counts.shape
    return Table("trade-year", tuple(map(str, range(rows))), tuple(f"y{one}" for one in range(columns)), counts)


def test_hiding_small_cells_alone_hides_nothing() -> None:
    assert sum(one.recovered for one in attack(EXAMPLE, small(EXAMPLE))) == 3
    found = suppressed(table(EXAMPLE))
    assert found.hidden[small(EXAMPLE)].all() and not any(one.recovered for one in found.bounds)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 6), st.integers(2, 6))
def test_no_attacker_works_a_hidden_cell_out(seed: int, rows: int, columns: int) -> None:
    counts = np.random.default_rng(seed).negative_binomial(1, 0.06, (rows, columns))
    try:
        found = suppressed(table(counts))
    except UsageError:
        return  # too small to be shown at all
    shown = found.table.counts[~found.hidden]
    assert not ((shown > 0) & (shown < 5)).any()
    for one in found.bounds:
        assert not one.recovered and one.low <= found.table.counts[one.row, one.column] <= one.high
    assert found.table.counts.sum() == counts.sum(), "folding loses nothing"


def test_a_table_that_the_attacker_opens_is_not_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppression, "protect", small)
    with pytest.raises(UsageError, match="not released"):
        suppressed(table(EXAMPLE))


def test_small_totals_stand_together() -> None:
    counts = np.array([[1, 2], [30, 40], [2, 0], [50, 9]])
    found = fold(table(counts))
    assert OTHERS in found.rows and found.counts.sum() == counts.sum()
    assert ((found.counts.sum(axis=1) >= 5) | (found.counts.sum(axis=1) == 0)).all()


def test_hiding_costs_little() -> None:
    assert protect(EXAMPLE).sum() <= 10


def test_no_table_leaves_by_both_lanes() -> None:
    assert not set(tables(Lane.INTERNAL)) & set(tables(Lane.PUBLIC))
    turned = {"-".join(reversed(name.split("-"))) for name in LANES}
    assert not turned & set(LANES), "nor turned on its side"
    for name in tables(Lane.INTERNAL):
        with pytest.raises(UsageError, match="lane"):
            check(name, Lane.PUBLIC)
    for name in LANES:
        count([], name, range(2018, 2021))


def test_words_are_fixed_before_looking() -> None:
    empty, full = (count(incidents, "trade-intent", [2020]) for incidents in ([], [incident()]))
    assert (empty.rows, empty.columns) == (full.rows, full.columns) and full.counts.sum() == 1


def test_an_organisation_changes_a_table_no_more_than_is_promised() -> None:
    random, bound = np.random.default_rng(0), 3
    kinds = [("error",), ("misuse", "hacking", "social")]
    from waybill.trends.incidents import Action

    for name in tables(Lane.PUBLIC):
        others = [incident(number, victim=f"Other {number}") for number in range(30)]
        own = [
            incident(
                100 + number,
                victim="One",
                occurred=date(2018 + int(random.integers(0, 3)), 1, 1),
                actions=tuple(Action(kind) for kind in kinds[number % 2]),
            )
            for number in range(50)
        ]
        with_it, without = (
            count(noise.bounded(many, bound, b"k" * 32), name, range(2018, 2022), most=True).counts
            for many in ([*others, *own], others)
        )
        assert np.abs(with_it - without).sum() <= bound * width(name), name
    assert all(way.most >= 1 for way in WAYS.values())


def test_noise_is_what_was_signed() -> None:
    drawn = noise.noisy(np.zeros(20_000, dtype=np.int64), 1.0, 1)
    assert abs(drawn.mean()) < 0.05
    assert np.abs(drawn).mean() == pytest.approx(2 * np.exp(-1) / (1 - np.exp(-2)), rel=0.06)
    assert (np.abs(drawn) <= noise.band(1.0, 1)).mean() >= 0.945


def test_the_best_attacker_is_hardly_right_more_often_than_allowed() -> None:
    random, size = np.random.default_rng(2), 20_000
    inside = random.integers(0, 2, size)
    right = float(((noise.noisy(9 + inside, 1.0, 1) >= 10) == inside).mean())
    assert right <= noise.membership(1.0) + 0.012


@pytest.fixture(scope="module")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder with incidents and an account once, to be copied."""
    folder = tmp_path_factory.mktemp("trends") / "data"
    Installation.open(folder, create=True)
    store.add_incidents("made-up", years_of(1.0, 200), refused=0, who="test")
    account.open_account("made-up", 2026, Decimal(1), who="a")
    close_database()
    return folder


@pytest.fixture
def installation(tmp_path: Path, filled_folder: Path) -> Iterator[Installation]:
    """Open a copy of it."""
    shutil.copytree(filled_folder, tmp_path / "data")
    yield Installation.open(tmp_path / "data")
    close_database()


def proposed(here: Installation, **changed: object) -> int:
    said: dict[str, object] = {"first": 2012, "last": 2015, "epsilon": Decimal("0.6"), "reason": "report", "who": "a"}
    return publication.propose(here, "made-up", 2026, (), **(said | changed))  # type: ignore[arg-type]


def test_a_release_is_drawn_once_and_stands_alone(installation: Installation, tmp_path: Path) -> None:
    number, target = proposed(installation), tmp_path / "site"
    with pytest.raises(UsageError, match="two people"):
        publication.publish(installation, number, target, who="a")
    account.sign(number, who="a")
    account.sign(number, who="b")
    made = publication.publish(installation, number, target, who="a", licence="CC BY 4.0")
    again = publication.publish(installation, number, tmp_path / "again", who="a")
    assert made == again and account.release(number).state is SpendState.PUBLISHED
    files = sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file())
    assert {"index.html", "zh.html", "release.json", "style.css", "data/year-intent.csv"} <= set(files)
    whole = "".join((target / name).read_text("utf-8") for name in files)
    assert "Works 7" not in whole and store.version() not in whole, "neither names nor the hash of the exact data"
    assert "<script" not in whole and "://" not in whole.replace("http://www.w3.org/2000/svg", "")
    assert "隐私账户" in (target / "zh.html").read_text("utf-8")
    release = json.loads((target / "release.json").read_text("utf-8"))
    assert sum(one["epsilon"] for one in release["tables"]) == pytest.approx(0.6)
    assert not list(tmp_path.glob(".site-*")), "nothing half-made is left"
    with pytest.raises(UsageError, match="already"):
        publication.publish(installation, number, target, who="a")


def test_a_budget_already_spent_publishes_nothing(installation: Installation, tmp_path: Path) -> None:
    first, second = proposed(installation), proposed(installation)
    for who in ("a", "b"):
        account.sign(first, who=who)
    account.sign(second, who="a")
    with pytest.raises(UsageError, match="budget"):
        account.sign(second, who="b")
    with pytest.raises(UsageError, match="two people"):
        publication.publish(installation, second, tmp_path / "site", who="a")
    assert not (tmp_path / "site").exists()


def test_a_release_that_cannot_be_written_leaves_nothing(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = proposed(installation)
    for who in ("a", "b"):
        account.sign(number, who=who)
    written: list[str] = []

    def full_disk(path: Path, content: str, **_: object) -> int:
        written.append(path.name)
        if len(written) > 3:
            raise OSError(28, "No space left on device")
        return len(content)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full_disk)
        patched.setattr(site, "sync_file", lambda path: None)
        with pytest.raises(Exception, match="site cannot be written"):
            publication.publish(installation, number, tmp_path / "site", who="a")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    publication.publish(installation, number, tmp_path / "site", who="a")


@pytest.mark.parametrize("changed", [{"first": 2016}, {"last": 2100}, {"bound": 0}, {"reason": " "}])
def test_what_cannot_be_released_is_refused(installation: Installation, changed: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        proposed(installation, **changed)
    with pytest.raises(UsageError, match="internal lane"):
        publication.propose(
            installation,
            "made-up",
            2026,
            ["trade-year"],
            first=2012,
            last=2015,
            epsilon=Decimal(1),
            reason="x",
            who="a",
        )


def test_names_in_a_site_are_text() -> None:
    drawn = Drawn("year-intent", ("2020",), ("<b>",), ((-3,),), 0.5, 3, 18)
    made = Publication(
        source="<script>alert(1)</script>", licence="<i>", year=2026, number=1, drawn_on=date(2026, 1, 1),
        query_hash="0" * 64, unit="organisation", bound=3, mechanism="discrete Laplace", epsilon="0.5", spent="0.5",
        limit="1", signers=2, tables=(drawn,),
    )  # fmt: skip
    for content in site.files(made).values():
        assert "<script>alert" not in content or content.startswith("{")
    assert "-3" in site.files(made)["data/year-intent.csv"], "counts below zero are left as they are"


def test_whoever_is_forgotten_has_still_signed(installation: Installation) -> None:
    number, names = proposed(installation), ("p-" + "a" * 16, "p-" + "b" * 16)
    for who in names:
        account.sign(number, who=who)
    assert sum(map(erase_subject, names)) == 2
    found = account.release(number)
    assert len(set(found.signed_by)) == 2 and not set(found.signed_by) & set(names)
