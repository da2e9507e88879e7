"""Adding, signing, proving, and opening again."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.making import KEY, ORIGIN, entries, make_log, open_log, policy_of, size_of

from waybill.ledger import FolderSource, Log, ProofError, SigningKey, merkle, tiles, verify
from waybill.ledger.log import MOST_PENDING_BYTES
from waybill.model.errors import BusyError, DamagedError, InputError, UsageError


def files(folder: Path, pattern: str) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.glob(pattern) if path.is_file())


def test_entries_get_the_next_indexes_and_are_proved_once_signed(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        assert log.append(entries(0, 3)) == range(3)
        assert log.append([]) == range(3, 3)
        assert log.append(entries(3, 5)) == range(3, 5)
        with pytest.raises(InputError, match="not under a published checkpoint") as caught:
            log.prove(4)
        assert "next checkpoint" in caught.value.advice
        log.checkpoint()
        for index in range(5):
            witnessed = log.prove(index).verify(entries(index, index + 1)[0], policy_of(tmp_path))
            assert witnessed.checkpoint.size == 5
        with pytest.raises(ProofError):
            log.prove(2).verify(b"another", policy_of(tmp_path))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 700), max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_however_it_was_written_the_log_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], closes: list[bool]
) -> None:
    folder, total = tmp_path_factory.mktemp("log"), 0
    for step, closing in zip(steps, closes, strict=False):
        with open_log(folder) as log:
            assert log.size == total
            log.append(entries(total, total + step))
            total += step
            if not closing:
                log.checkpoint()
    with open_log(folder) as log:
        assert list(log.entries()) == entries(0, total)
        log.checkpoint()
        assert size_of(log.published) == total
        leaves = [merkle.leaf_hash(entry) for entry in entries(0, total)]
        roots = dict.fromkeys([0], leaves)
        while len(roots[len(roots) - 1]) > 1:
            row = roots[len(roots) - 1]
            roots[len(roots)] = merkle.next_level(row[: len(row) // 2 * 2])
        expected = merkle.tree_root(lambda level, index: roots[level][index], total)
        assert log.published.text == f"{ORIGIN}\n{total}\n{tiles_root(expected)}\n"


def tiles_root(root: bytes) -> str:
    import base64

    return base64.b64encode(root).decode()


def test_the_files_are_those_of_the_standard(tmp_path: Path) -> None:
    """The example of c2sp.org/tlog-tiles: 70,000 entries."""
    make_log(tmp_path, 70_000)
    tiles_at = {level: files(tmp_path / f"tile/{level}", "**/*") for level in (0, 1, 2)}
    assert len(tiles_at[0]) == 274
    assert tiles_at[0][-1] == "273.p/112"
    assert tiles_at[1] == ["000", "001.p/17"]
    assert tiles_at[2] == ["000.p/1"]
    assert len(files(tmp_path / "tile/entries", "**/*")) == 274
    assert (tmp_path / "tile/0/000").stat().st_size == 8192


@pytest.mark.parametrize(
    ("index", "width", "path"),
    [
        (0, 256, "tile/0/000"),
        (999, 256, "tile/0/999"),
        (1000, 256, "tile/0/x001/000"),
        (1_234_067, 256, "tile/0/x001/x234/067"),
        (273, 112, "tile/0/273.p/112"),
    ],
)
def test_paths_are_those_of_the_standard(index: int, width: int, path: str) -> None:
    assert tiles.path(0, index, width) == path


def test_partial_tiles_stay_until_they_are_full_and_no_longer(tmp_path: Path) -> None:
    """The standard asks for those of every checkpoint; kept for good they would pile up."""
    make_log(tmp_path, 10, 20, 200)
    assert files(tmp_path / "tile", "0/**/*") == ["0/000.p/10", "0/000.p/20", "0/000.p/200"]
    make_log(tmp_path, 256)
    assert files(tmp_path / "tile", "**/*") == ["0/000", "1/000.p/1", "entries/000"]
    make_log(tmp_path, 300, 66_000)
    assert [name for name in files(tmp_path / "tile", "**/*") if ".p/" in name] == [
        "0/257.p/208",
        "1/001.p/1",
        "2/000.p/1",
        "entries/257.p/208",
    ]


def test_what_a_crash_left_of_tiles_that_nobody_signed_is_not_taken_for_theirs(tmp_path: Path) -> None:
    make_log(tmp_path, 300)
    for name in ("tile/0/001", "tile/entries/001", "tile/1/000"):
        (tmp_path / name).write_bytes(b"half a tile")
    (tmp_path / "tile/0/002.p").mkdir()
    (tmp_path / "tile/0/002.p/7").write_bytes(b"more of it")
    shown = verify(FolderSource(tmp_path), policy_of(tmp_path))
    assert shown.sound, shown.faults
    open_log(tmp_path).close()
    assert files(tmp_path / "tile", "**/*") == ["0/000", "0/001.p/44", "1/000.p/1", "entries/000", "entries/001.p/44"]
    make_log(tmp_path, 70_000)
    assert verify(FolderSource(tmp_path), policy_of(tmp_path)).sound


def test_a_log_of_a_million_entries_is_opened_by_looking_at_its_edge(tmp_path: Path) -> None:
    """Hundreds of entries are hashed, not all: the number of files read does not grow with the log."""
    make_log(tmp_path, 20_000)
    for path in (tmp_path / "tile/entries").glob("0[0-6]*"):
        path.unlink()
    with open_log(tmp_path) as log:
        assert log.size == 20_000


def test_no_more_checkpoints_than_asked_for(tmp_path: Path) -> None:
    with Log.open(tmp_path, ORIGIN, KEY, interval=3600) as log:
        log.append(entries(0, 1))
        first = log.checkpoint()
        log.append(entries(1, 2))
        assert log.checkpoint() == first
        assert size_of(first) == 1


def test_a_checkpoint_is_signed_only_when_something_was_added(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append(entries(0, 1))
        log.checkpoint()
        before = (tmp_path / "checkpoint").stat().st_ino
        log.checkpoint()
        assert (tmp_path / "checkpoint").stat().st_ino == before


def test_what_waits_for_a_checkpoint_is_bounded(tmp_path: Path) -> None:
    with Log.open(tmp_path, ORIGIN, KEY, interval=3600) as log:
        log.checkpoint()
        log._sealed_at = float("inf")
        count = MOST_PENDING_BYTES // 60_000 + 300
        log.append([bytes(60_000)] * count)
        assert size_of(log.signed) == count
        assert log._state.pending.weight < 256 * 60_010


def test_threads_share_a_log(tmp_path: Path) -> None:
    given_out: list[tuple[int, bytes]] = []

    def work(number: int) -> None:
        for step in range(20):
            entry = f"{number}-{step}".encode()
            (index,) = log.append([entry])
            given_out.append((index, entry))
            if step % 7 == number:
                log.checkpoint()

    with open_log(tmp_path) as log:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        log.checkpoint()
        kept = list(log.entries())
        assert len(kept) == 160
        assert all(kept[index] == entry for index, entry in given_out)
    with open_log(tmp_path) as log:
        assert list(log.entries()) == kept


def test_one_process_writes(tmp_path: Path) -> None:
    with open_log(tmp_path), pytest.raises(BusyError):
        open_log(tmp_path)
    open_log(tmp_path).close()


def test_an_entry_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        with pytest.raises(InputError, match="too long"):
            log.append([b"fits", bytes(65_536)])
        assert log.size == 0
        log.append([bytes(65_535)])


def test_the_cache_of_nodes_can_be_lost(tmp_path: Path) -> None:
    make_log(tmp_path, 1000)
    before = (tmp_path / "state/nodes").read_bytes()
    (tmp_path / "state/nodes").unlink()
    with open_log(tmp_path) as log:
        log.prove(500).verify(entries(500, 501)[0], policy_of(tmp_path))
    assert (tmp_path / "state/nodes").read_bytes() == before


def test_no_proof_is_given_away_that_does_not_hold(tmp_path: Path) -> None:
    make_log(tmp_path, 1000)
    nodes = bytearray((tmp_path / "state/nodes").read_bytes())
    nodes[0] ^= 1
    (tmp_path / "state/nodes").write_bytes(nodes)
    with open_log(tmp_path) as log, pytest.raises(DamagedError, match="does not hold") as caught:
        log.prove(1)
    assert "rebuilt" in caught.value.advice


def test_a_wrong_key_or_origin_is_refused(tmp_path: Path) -> None:
    make_log(tmp_path, 3)
    with pytest.raises(UsageError, match="another log"):
        Log.open(tmp_path, "example.com/other", KEY)
    with pytest.raises(ProofError, match="not signed by this log"):
        open_log(tmp_path, SigningKey.generate(ORIGIN))


def test_a_log_that_lost_what_it_signed_signs_nothing_more(tmp_path: Path) -> None:
    make_log(tmp_path, 300)
    (tmp_path / "state/signed").unlink()
    with pytest.raises(DamagedError, match="has lost the statement") as caught:
        open_log(tmp_path)
    assert "mirror" in caught.value.advice


def test_entries_that_give_another_root_are_refused(tmp_path: Path) -> None:
    make_log(tmp_path / "one", 300)
    with open_log(tmp_path / "two") as log:
        log.append([b"something else"] * 300)
        log.checkpoint()
    shutil.copy(tmp_path / "one/state/signed", tmp_path / "two/state/signed")
    shutil.copy(tmp_path / "one/checkpoint", tmp_path / "two/checkpoint")
    with pytest.raises(DamagedError, match="do not give the root it signed"):
        open_log(tmp_path / "two")


def test_fewer_entries_than_were_signed_are_refused(tmp_path: Path) -> None:
    make_log(tmp_path, 300)
    for name in ("tile/0", "tile/entries"):
        shutil.rmtree(tmp_path / name / "001.p")
    with pytest.raises(InputError, match="missing"):
        open_log(tmp_path)
    (tmp_path / "state/nodes").unlink()
    with pytest.raises(InputError, match="missing"):
        open_log(tmp_path)


def test_a_log_that_has_shown_more_than_it_remembers_signing_is_refused(tmp_path: Path) -> None:
    make_log(tmp_path, 100)
    old = (tmp_path / "state/signed").read_bytes()
    make_log(tmp_path, 300)
    (tmp_path / "state/signed").write_bytes(old)
    with pytest.raises(DamagedError, match="has shown 300 entries and remembers signing only 100"):
        open_log(tmp_path)


def test_a_changed_last_entry_is_refused(tmp_path: Path) -> None:
    make_log(tmp_path, 300)
    bundle = tmp_path / "tile/entries/001.p/44"
    bundle.write_bytes(bundle.read_bytes().replace(b"entry 299", b"entry 300"))
    with pytest.raises(DamagedError, match="entry 299 is not the one"):
        open_log(tmp_path)
