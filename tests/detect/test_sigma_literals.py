"""Literals are found where a naive look finds them, whichever way is the fastest for the texts."""

from __future__ import annotations

import hypothesis.strategies as st
import pyarrow as pa
from hypothesis import given

from waybill.detect.sigma.literals import LITERAL, Literal, Literals
from waybill.detect.sigma.predicates import RELATIONS, Op
from waybill.detect.sigma.texts import folded

_RELATED = {
    Op.EQUALS: RELATIONS[Op.FIELD_EQUALS],
    Op.STARTS: RELATIONS[Op.FIELD_STARTS],
    Op.ENDS: RELATIONS[Op.FIELD_ENDS],
    Op.CONTAINS: RELATIONS[Op.FIELD_CONTAINS],
}

_MANY = [(Op.CONTAINS, f"never-{number}") for number in range(100)]
"""So many that there is no quick way for a few."""

_LINE = st.sampled_from(
    ["", "ab", "b", "a\r", "\x02ab\x03", "bab", "é", "x" * 300, "ab" + "x" * 2000, "y" * 2000 + "ab"]
)
_TEXTS = st.lists(st.lists(_LINE, min_size=1, max_size=6).map("\n".join), min_size=1, max_size=8, unique=True)
_WANTED = st.lists(st.tuples(st.sampled_from(sorted(LITERAL)), st.text("abx", min_size=1, max_size=3)), min_size=1)


@given(_TEXTS, _WANTED, st.booleans(), st.sampled_from(["a", "b\nb", "\n", "ab\n"]))
def test_literals_are_found_in_texts_of_any_length(
    texts: list[str], wanted: list[Literal], many: bool, other: str
) -> None:
    across = [(Op.CONTAINS, other)]
    literals = Literals.of([*wanted, *across, *(_MANY if many else ())])
    found = {literal: places.tolist() for literal, places in literals.places(pa.array(texts)).items()}
    expected = {
        literal: places
        for literal in literals.known
        if (places := [place for place, text in enumerate(texts) if _RELATED[literal[0]](text, literal[1])])
    }
    assert found == expected


@given(st.lists(st.text(st.sampled_from("aZéÉſKßžŽ±")), max_size=5))
def test_folding_for_ascii_differs_from_folding_at_most_in_other_letters(texts: list[str]) -> None:
    whole, quick = (folded(pa.array(texts, pa.string()), for_ascii=ascii) for ascii in (False, True))
    for one, other in zip(whole.to_pylist(), quick.to_pylist(), strict=True):
        assert [letter if letter.isascii() else "" for letter in one] == [
            letter if letter.isascii() else "" for letter in other
        ]
