"""Registered documents are recognised in excerpts, edited copies and other formats; unrelated files stay silent."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.content import hostile_files as make
from tests.content.drawings import dxf, exported_again, step

from waybill.content.documents import Comparison, Document, Library, Match, Registered
from waybill.content.documents import winnowing as w
from waybill.content.documents.keyed import keyed
from waybill.content.parsing import Caveat, End, Place, Readers, Segment, Table
from waybill.model.errors import DamagedError, UsageError

SECRET = bytes(range(32))
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
BEGINNINGS, ENDS = ("ba", "ke", "li", "mo", "nu", "pra", "sti"), ("dar", "fen", "gol", "hin", "jus", "kel")
WORDS = [first + last for first in BEGINNINGS for last in ENDS]
LETTERS = "工艺参数温度压力浓度配比催化剂反应釜流量纯度晶体稀土萃取分离炉冷却时间检验批次"


def prose(seed: int, words: int = 800, language: str = "en") -> str:
    """Return a text that no other seed gives."""
    chosen = random.Random(seed)
    if language == "zh":
        return "".join(chosen.choice(LETTERS) for _ in range(words))
    return " ".join(chosen.choice(WORDS) + ("." if n % 12 == 11 else "") for n in range(words))


def document(name: str, *, family: str = "", template: bool = False) -> Document:
    """Return a document, by default of a family of its own."""
    return Document(id=name, name=name, family=family or name, registered=MOMENT, template=template)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return a library of two recipes, one in each language."""
    kept = Library(tmp_path / "documents", SECRET)
    kept.register(document("recipe"), [prose(1).encode()])
    kept.register(document("peifang"), [prose(2, 1500, "zh").encode()])
    return kept


def matches(library: Library, *texts: str | bytes) -> list[Match]:
    """Return what is recognised in texts that follow each other."""
    comparison = Comparison(Registered(library))
    offset = 0
    for text in texts:
        data = text.encode() if isinstance(text, str) else text
        comparison.add(Segment(Place(offset=offset), data))
        offset += len(data)
    return comparison.matches()


def test_an_excerpt_pasted_elsewhere_is_found_with_its_place(library: Library) -> None:
    before, after = prose(10), prose(11)
    excerpt = prose(1)[1000:1500]
    (match,) = matches(library, before + excerpt + after)
    (passage,) = match.passages
    assert match.document.id == "recipe"
    assert 0.02 < match.share < 0.3
    assert len(before) <= passage.start < passage.end <= len(before) + 500
    assert match.size > 400


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nearly_all_excerpts_are_found_and_nothing_else(tmp_path: Path, language: str) -> None:
    kept = Library(tmp_path, SECRET)
    for seed in range(20):
        kept.register(document(f"d{seed}"), [prose(seed, 900, language).encode()])
    registered = Registered(kept)
    found = 0
    for seed in range(20):
        text = prose(seed, 900, language).encode()
        start = random.Random(seed).randrange(len(text) - 500)
        comparison = Comparison(registered)
        comparison.add(Segment(Place(), prose(100 + seed, 300, language).encode() + text[start : start + 500]))
        found += [match.document.id for match in comparison.matches()] == [f"d{seed}"]
        unrelated = Comparison(registered)
        unrelated.add(Segment(Place(), prose(200 + seed, 2000, language).encode()))
        assert unrelated.matches() == []
    assert found >= 19


@pytest.mark.parametrize(
    "edit",
    [
        str.upper,
        lambda text: text.replace(" ", "\n   "),
        lambda text: text.replace("e", "e\u200b"),
        lambda text: text + prose(5),
    ],
    ids=["case", "wrapped", "zero-width", "longer"],
)
def test_copies_that_look_different_are_whole_copies(library: Library, edit: Callable[[str], str]) -> None:
    (match,) = matches(library, edit(prose(1)))
    assert match.share > 0.99


def test_an_edited_copy_is_recognised(library: Library) -> None:
    chosen = random.Random(3)
    words = [word if chosen.random() > 0.05 else "changed" for word in prose(1).split(" ")]
    (match,) = matches(library, " ".join(words))
    assert 0.3 < match.share < 0.95


def test_a_share_counts_over_the_pieces_of_a_file(library: Library) -> None:
    text = prose(1)
    (match,) = matches(library, text[:2000], text[2000:])
    assert match.share > 0.95


def test_phrases_that_many_documents_share_are_nobodys(tmp_path: Path) -> None:
    kept = Library(tmp_path, SECRET)
    phrase = prose(77, 60)
    for number in range(6):
        kept.register(document(f"d{number}"), [(prose(number) + phrase).encode()])
    assert matches(kept, phrase) == []
    assert len(matches(kept, prose(3) + phrase)) == 1


def test_versions_of_one_document_do_not_hide_each_other(tmp_path: Path) -> None:
    kept = Library(tmp_path, SECRET)
    for number in range(6):
        kept.register(document(f"v{number}", family="recipe"), [(prose(1) + prose(50 + number, 30)).encode()])
    assert len(matches(kept, prose(1))) == 6


def test_what_a_template_holds_is_not_recognised(library: Library) -> None:
    form = prose(20, 300)
    library.register(document("filled"), [(form + prose(21)).encode()])
    assert {match.document.id for match in matches(library, form)} == {"filled"}
    library.register(document("form", template=True), [form.encode()])
    assert matches(library, form) == []


def test_rules_of_equals_signs_are_no_document(tmp_path: Path) -> None:
    kept = Library(tmp_path, SECRET)
    kept.register(document("table"), [("=" * 3000 + prose(1)).encode()])
    assert matches(kept, "=" * 5000) == []


def test_nothing_of_a_document_rests_on_disk_and_nothing_without_the_key(library: Library, tmp_path: Path) -> None:
    for path in (tmp_path / "documents").iterdir():
        data = path.read_bytes()
        assert b"baddar" not in data
        assert not any(data.find(word.encode()) >= 0 for word in WORDS)
        plain = w.fingerprints(w.normalised(prose(1).encode())[0]).values
        assert not any(value.tobytes() in data for value in plain[:50])
    other = Library(tmp_path / "documents", bytes(32))
    with pytest.raises(DamagedError):
        other.documents()


def test_a_changed_file_of_the_library_is_noticed(library: Library, tmp_path: Path) -> None:
    path = next((tmp_path / "documents").iterdir())
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedError):
        library.documents()


def test_documents_are_listed_and_forgotten(library: Library) -> None:
    assert [kept.name for kept in library.documents()] == ["peifang", "recipe"]
    assert library.remove("recipe")
    assert not library.remove("recipe")
    assert matches(library, prose(1)) == []


def test_short_texts_and_wrong_ids_are_refused(library: Library) -> None:
    with pytest.raises(UsageError, match="too short"):
        library.register(document("note"), [b"short"])
    with pytest.raises(UsageError, match="id of a document"):
        library.register(document("../../escape"), [prose(1).encode()])


def test_a_drawing_is_recognised_after_renaming_and_another_export(tmp_path: Path) -> None:
    kept = Library(tmp_path, SECRET)
    for seed in range(4):
        kept.register(document(f"part{seed}"), [step(seed)])
    again = exported_again(step(2), seed=9)
    (match,) = matches(kept, again[:4000], again[4000:])
    assert (match.document.id, match.share > 0.95) == ("part2", True)
    half = exported_again(step(2), seed=9, share=0.5)
    (match,) = matches(kept, half)
    assert 0.3 < match.share < 0.7
    assert matches(kept, step(99)) == []


def test_a_drawing_of_dxf_is_recognised(tmp_path: Path) -> None:
    kept = Library(tmp_path, SECRET)
    kept.register(document("plate"), [dxf(1)])
    (match,) = matches(kept, dxf(1, layer="other", handles=500))
    assert match.share == 1
    assert matches(kept, dxf(2)) == []


def test_a_document_is_recognised_in_other_formats(library: Library) -> None:
    text = prose(1)
    lines = [text[at : at + 90] for at in range(0, len(text), 90)]
    drawn = b" ".join(
        b"BT /F1 9 Tf 40 %d Td (%s) Tj ET" % (780 - 10 * number, line.encode()) for number, line in enumerate(lines)
    )
    with Readers() as readers:
        for data in (make.docx(lines), make.pdf([drawn]), make.nested(2, make.docx(lines))):
            comparison = Comparison(Registered(library))
            for piece in readers.read_bytes(data):
                assert not isinstance(piece, Caveat)
                if not isinstance(piece, End):
                    comparison.add(piece)
            (match,) = comparison.matches()
            assert match.share > 0.9


def test_a_table_is_compared_as_its_rows(tmp_path: Path) -> None:
    rows = [prose(seed, 6).split(" ") for seed in range(200)]
    table = Table(Place(), ("",) * 6, tuple(zip(*rows, strict=True)))
    kept = Library(tmp_path, SECRET)
    kept.register(document("table"), [table.text().encode()])
    comparison = Comparison(Registered(kept))
    comparison.add(Table(Place(), ("",) * 6, tuple(zip(*rows[50:100], strict=True))))
    (match,) = comparison.matches()
    assert 0.2 < match.share < 0.3


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(1, 4))
def test_compiled_and_plain_fingerprints_are_the_same(data: bytes, times: int) -> None:
    text = w.normalised(data * times)[0]
    found = w.fingerprints(text)
    if len(text) >= w.GRAM + w.WINDOW - 1:
        plain = w._winnow_arrays(text)
        assert np.array_equal(found.values, plain.values)
        assert np.array_equal(found.places, plain.places)
    else:
        assert len(found.values) == 0


@given(st.binary(min_size=60, max_size=200), st.binary(max_size=100), st.binary(max_size=100))
def test_texts_that_share_enough_share_a_fingerprint(shared: bytes, before: bytes, after: bytes) -> None:
    inner = w.normalised(shared)[0].tobytes()
    if len(inner) < w.GRAM + w.WINDOW - 1:
        return
    outer = w.normalised(before)[0].tobytes() + inner + w.normalised(after)[0].tobytes()
    one, other = (w.fingerprints(np.frombuffer(text, np.uint8)) for text in (inner, outer))
    assert set(one.values.tolist()) & set(other.values.tolist())


def test_the_keyed_hash_is_siphash() -> None:
    key = bytes(range(16))
    value = np.array([int.from_bytes(bytes(range(8)), "little")], np.uint64)
    assert keyed(value, key)[0] == 0x93F5F5799A932462  # the reference's vector for eight bytes


def test_places_lead_back_to_the_text() -> None:
    data = "A b\u3000C\u200bd".encode()
    text, places = w.normalised(data)
    assert text.tobytes() == b"abcd"
    assert places is not None
    assert [data[place : place + 1] for place in places] == [b"A", b"b", b"C", b"d"]
