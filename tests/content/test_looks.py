"""Pictures that look like a registered one are told as a hint, and nothing else rests on it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.content import hostile_files as make
from tests.content.test_documents import SECRET, document, prose

from waybill.content.documents import Comparison, Library, Registered
from waybill.content.inspecting import Inspection, inspect
from waybill.content.parsing import Picture, Place, Readers, Reason
from waybill.content.parsing.looks import BYTES, distance, look
from waybill.control import close_database
from waybill.flow import documents
from waybill.flow.discovery.running import walk
from waybill.flow.discovery.targets import target
from waybill.flow.discovery.telling import findings
from waybill.flow.installation import Installation
from waybill.model.words import Grade


def drawing(seed: int, size: tuple[int, int] = (400, 300)) -> Image.Image:
    """Return a picture of some blots that no other seed gives."""
    blots = np.random.default_rng(seed).integers(0, 255, (9, 12), np.uint8)
    return Image.fromarray(blots).resize(size, Image.Resampling.BICUBIC).convert("RGB")


def png(image: Image.Image) -> bytes:
    return saved(image, "PNG")


def saved(image: Image.Image, form: str, **options: int) -> bytes:
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers() as warm:
        yield warm


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return a library of a picture, a picture that is a template, and a text."""
    kept = Library(tmp_path / "documents", SECRET)
    kept.register(document("furnace"), [], look(drawing(1)))
    kept.register(document("logo", template=True), [], look(drawing(2)))
    kept.register(document("recipe"), [prose(1).encode()])
    return kept


def seen(library: Library, readers: Readers, data: bytes) -> Inspection:
    return inspect(readers.read_bytes(data), Registered(library))


def copies() -> dict[str, bytes]:
    image = drawing(1)
    return {
        "jpeg": saved(image, "JPEG", quality=30),
        "half": png(image.resize((200, 150))),
        "grey": png(image.convert("L")),
        "brighter": png(image.point(lambda value: min(255, int(value * 1.15)))),
        "packed": make.zipped({"a.png": png(image)}),
    }


@pytest.mark.parametrize("way", copies())
def test_a_copy_looks_like_its_original(library: Library, readers: Readers, way: str) -> None:
    told = seen(library, readers, copies()[way])
    assert [one.document.id for one in told.resemblances] == ["furnace"]
    assert told.grade is Grade.GENERAL
    assert told.matches == ()


def test_other_pictures_and_templates_are_not_told(library: Library, readers: Readers) -> None:
    assert all(seen(library, readers, png(drawing(seed))).resemblances == () for seed in range(2, 40))


@pytest.mark.parametrize("image", [Image.new("RGB", (80, 60), "white"), Image.linear_gradient("L")])
def test_what_shows_nothing_has_no_look(image: Image.Image) -> None:
    assert look(image) == b""


def test_a_picture_of_an_unknown_kind_is_not_read(readers: Readers) -> None:
    pieces = list(readers.read_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40)))
    assert Reason.PICTURE in [getattr(piece, "reason", None) for piece in pieces]


@given(one=st.binary(min_size=BYTES, max_size=BYTES), other=st.binary(min_size=BYTES, max_size=BYTES))
def test_the_key_hides_looks_and_keeps_distances(one: bytes, other: bytes) -> None:
    kept = Library(Path("unused"), SECRET)
    assert distance(kept.masked(one), kept.masked(other)) == distance(one, other)
    assert kept.masked(one) != one
    assert kept.masked(kept.masked(one)) == one


def test_a_look_of_another_length_does_no_harm(library: Library) -> None:
    comparison = Comparison(Registered(library))
    for data in (b"", b"x", bytes(400)):
        comparison.add(Picture(Place(), data))
    assert comparison.resemblances() == []


def test_discovery_tells_it_as_a_hint_and_as_no_finding(tmp_path: Path, readers: Readers) -> None:
    installation = Installation.open(tmp_path / "data", create=True)
    try:
        (tmp_path / "share").mkdir()
        (tmp_path / "furnace.png").write_bytes(png(drawing(1)))
        (tmp_path / "share" / "holiday.jpg").write_bytes(saved(drawing(1), "JPEG", quality=60))
        kept, _ = documents.register(installation, tmp_path / "furnace.png", readers, who="tester")
        assert kept.look
        (found,) = walk(installation, target(str(tmp_path / "share")), readers, who="tester").found
        assert [hint.en for hint in found.hints] == ["looks like furnace.png"]
        assert found.documents == ()
        assert {finding.rule_id for finding in findings([found])} <= {"partial"}
    finally:
        close_database()
