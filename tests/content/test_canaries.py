"""A copy names its delivery, in part too; an unmarked text names none."""

from __future__ import annotations

import csv
import io
import pickle
import random

import pytest
from tests.content import hostile_files as make

from waybill.content.canaries import Delivery, Spotter, Watch, mark, with_decoys
from waybill.content.canaries.slots import PAIRS
from waybill.content.canaries.watching import hashes
from waybill.content.parsing import End, Place, Readers, Segment
from waybill.model.errors import UsageError

SECRET = bytes(range(32))
DELIVERIES = [Delivery(id=f"delivery-{number}", document="plan") for number in range(200)]


def prose(seed: int, sentences: int = 120) -> str:
    """Return a text with words of choice here and there."""
    drawn = random.Random(seed)
    plain = ("furnace", "plant", "reactor", "valve", "sample", "report", "station", "vessel", "batch", "drum")
    said = []
    for _ in range(sentences):
        words = [drawn.choice(plain) for _ in range(9)]
        words.insert(6, drawn.choice([pair[drawn.randrange(2)] for pair in PAIRS if pair[0].isascii()]))
        said.append(" ".join(words).capitalize() + ".")
    return " ".join(said)


def named(text: str) -> list[str]:
    """Return the deliveries that a text names."""
    watch = Watch(DELIVERIES, SECRET)
    watch.add(Segment(Place(), text.encode()))
    return [sighting.delivery.id for sighting in watch.sightings()]


def test_a_copy_names_its_delivery_and_says_the_same() -> None:
    copy = mark(prose(1).encode(), SECRET, "delivery-17").content.decode()
    assert named(copy) == ["delivery-17"]
    assert len(copy.split()) == len(prose(1).split())
    assert mark(prose(1).encode(), SECRET, "delivery-17").content.decode() == copy
    assert mark(prose(1).encode(), SECRET, "delivery-18").content.decode() != copy


def test_a_part_of_a_copy_wrapped_anew_names_it_too() -> None:
    copy = mark(prose(1).encode(), SECRET, "delivery-17").content.decode()
    half = copy[len(copy) // 3 : 2 * len(copy) // 3]
    assert named(half) == ["delivery-17"]
    words = copy.split()
    wrapped = "\n".join(" ".join(words[at : at + 9]) for at in range(0, len(words), 9))
    assert named(wrapped) == ["delivery-17"]


def test_two_copies_put_together_name_both() -> None:
    copies = [mark(prose(1, 200).encode(), SECRET, f"delivery-{number}").content.decode() for number in (3, 4)]
    joined = copies[0][: len(copies[0]) // 2] + copies[1][len(copies[1]) // 2 :]
    assert set(named(joined)) == {"delivery-3", "delivery-4"}


@pytest.mark.parametrize("seed", range(20))
def test_an_unmarked_text_names_nobody(seed: int) -> None:
    assert named(prose(seed)) == []


def test_signs_that_nobody_sees_mark_chinese() -> None:
    drawn = random.Random(1)
    letters = "工艺参数温度压力浓度配比催化剂反应釜流量纯度晶体"
    text = "".join("".join(drawn.choice(letters) for _ in range(15)) + "。" for _ in range(120))
    copy = mark(text.encode(), SECRET, "delivery-5").content.decode()
    assert copy.replace("\u200b", "") == text
    assert named(copy) == ["delivery-5"]
    assert named(text) == []


def test_a_document_tells_by_its_properties_even_when_its_text_is_gone() -> None:
    paragraphs = [prose(1)[at : at + 400] for at in range(0, len(prose(1)), 400)]
    copy = mark(make.docx(paragraphs), SECRET, "delivery-9").content
    with Readers() as readers:
        watch = Watch(DELIVERIES, SECRET)
        for piece in readers.read_bytes(copy):
            if not isinstance(piece, End):
                watch.add(piece)
    assert [sighting.delivery.id for sighting in watch.sightings()] == ["delivery-9"]


def test_decoys_are_like_their_rows_and_keep_their_check_digits() -> None:
    from waybill.content import scan_table

    rows = [("姓名", "身份证号", "手机号", "mail")]
    rows += [(f"某人{n}", "11010519491231002X", f"138123456{n:02d}", f"someone{n}@example.com") for n in range(40)]
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    made = with_decoys(target.getvalue().encode(), SECRET, "delivery-1", count=5)
    table = list(csv.reader(io.StringIO(made.content.decode())))
    assert len(table) == len(rows) + 5
    assert len(made.values) == 15
    added = [row for row in table if row[1] in made.values]
    assert len(added) == 5
    decided = scan_table({"身份证号": [row[1] for row in added], "手机号": [row[2] for row in added]})
    assert {decision.type for decision in decided.values()} == {"cn.resident-id", "cn.mobile"}


def test_one_decoy_row_anywhere_names_the_delivery() -> None:
    rows = "name,phone\n" + "".join(f"n{n},1381234{n:04d}\n" for n in range(50))
    made = with_decoys(rows.encode(), SECRET, "delivery-1")
    values = tuple(one for value in made.values for one in hashes(value, SECRET))
    assert not any(value in repr(values) for value in made.values)
    watch = Watch([Delivery(id="delivery-1", document="staff", values=values)], SECRET)
    watch.add(Segment(Place(), rows.encode()))
    assert watch.sightings() == []
    watch.add(Segment(Place(), f"call {made.values[0]} now".encode()))
    assert [sighting.certainty for sighting in watch.sightings()] == [1.0]


@pytest.mark.parametrize("value", ["13812345678", "138-1234-5678", "+86 138 1234 5678"])
@pytest.mark.parametrize("joint", ["", " ", "-", "."])
@pytest.mark.parametrize("before", ["", "2026-11-22 08:00:00 1 2 3 4 5 6 7 ", "word " * 12])
def test_a_decoy_is_found_however_it_is_written(value: str, joint: str, before: str) -> None:
    watch = Watch([Delivery(id="delivery-1", document="staff", values=hashes(value, SECRET))], SECRET)
    watch.add(Segment(Place(), f"{before}13812345679 {before}".encode()))
    assert watch.sightings() == []
    digits = "".join(letter for letter in value if letter.isdigit())
    written = joint.join([*([digits[:-11]] if digits[:-11] else []), digits[-11:-8], digits[-8:-4], digits[-4:]])
    watch.add(Segment(Place(), f"{before}{written} {before}".encode()))
    assert [sighting.delivery.id for sighting in watch.sightings()] == ["delivery-1"]


@pytest.mark.parametrize("content", [b"too short", b"\xff\xfe\x00", b"PK\x03\x04 broken"])
def test_what_cannot_be_marked_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError):
        mark(content, SECRET, "delivery-1")


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\xff\xff", b"word,word\n" * 20])
def test_what_can_hold_no_decoys_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError):
        with_decoys(content, SECRET, "delivery-1")


def test_decoys_are_seen_in_records_of_logs_and_nothing_else_is() -> None:
    number, mail, odd = "13812349999", "qwerty@corp.example", "138-1234-8888"
    made = [
        Delivery(id="delivery-1", document="staff", values=(*hashes(number, SECRET), *hashes(odd, SECRET))),
        Delivery(id="delivery-2", document="customers", values=hashes(mail, SECRET)),
    ]
    spotter = pickle.loads(pickle.dumps(Spotter(made, SECRET)))
    records = [
        b'{"message": "none here\\n13812349998"}',
        f'{{"message": "where\\n{number}\\n"}}'.encode(),
        b"GET /search?q=" + mail.upper().replace("@", "%40").encode(),
        f"phone='{odd}' or mail=<{mail}>".encode(),
        f"x{number} {number}0".encode(),
        b"\xff\xfe broken " + number.encode(),
        b"",
    ]
    assert spotter.seen(records) == {
        1: ("delivery-1",), 2: ("delivery-2",), 3: ("delivery-1", "delivery-2"), 5: ("delivery-1",)
    }  # fmt: skip
    assert spotter.seen([]) == {}
    assert number not in repr(vars(spotter)) and mail not in repr(vars(spotter))
