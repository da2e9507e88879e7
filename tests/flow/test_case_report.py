"""The report of a case as HTML and PDF: both languages, hostile texts, long tables, equal bytes for equal cases."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from waybill.flow.cases.page import page
from waybill.flow.cases.pdf import pdf
from waybill.flow.cases.report import Document, Section

DIGEST = "ab" * 32


def document(*cells: str, language: str = "en", rows: int = 1) -> Document:
    table = Section("What was done", tuple(f"head {number}" for number in range(len(cells))), (cells,) * rows)
    return Document(language, "Case 3: 未经许可转移 & <b>co</b>", ("critical", "新"), ("Who acted is withheld.",),
                    (table, Section("Evidence", ("file",), ())), "none")  # fmt: skip


def words(content: bytes) -> str:
    return "".join(part.extract_text() for part in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_both_scripts_stand_in_it_and_every_page_names_the_case(language: str) -> None:
    made = pdf(document("moved to 许可证", "seen", language=language, rows=120), DIGEST)
    reader = PdfReader(io.BytesIO(made))
    told = words(made)
    assert "未经许可转移" in told and "许可证" in told and "<b>co</b>" in told and "none" in told
    assert len(reader.pages) > 2
    for number, one in enumerate(reader.pages, 1):
        text = one.extract_text()
        assert DIGEST in text and str(number) in text
    assert str(reader.root_object["/Lang"]) == ("en" if language == "en" else "zh-CN")


def test_equal_cases_give_equal_bytes() -> None:
    assert pdf(document("x"), DIGEST) == pdf(document("x"), DIGEST)


@given(st.text(max_size=600), st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_it_and_none_becomes_markup(one: str, other: str) -> None:
    made = document(one, other)
    assert pdf(made, DIGEST).startswith(b"%PDF-")
    assert page(made).count("<td>") == 2


def test_a_word_without_end_and_a_row_longer_than_a_page_fit() -> None:
    assert len(PdfReader(io.BytesIO(pdf(document("x" * 5_000, *("长" * 5_000,) * 8), DIGEST))).pages) >= 1


def test_it_draws_nothing_from_elsewhere_and_runs_nothing() -> None:
    made = pdf(document('<img src="http://192.0.2.1/x"/><a href="javascript:alert(1)">x</a>'), DIGEST)
    assert b"/URI" not in made and b"/JavaScript" not in made and b"/XObject" not in made
