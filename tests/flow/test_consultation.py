"""The file to consult an authority with: what the register, the lists and the rules say, and no name of a person."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from tests.flow.test_exits import register

from waybill.flow.installation import Installation
from waybill.flow.law.consultation import consultation
from waybill.model.errors import UsageError

DAY = date(2026, 11, 22)


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    """Return an installation with a permit for work with a partner, and a list the partner is on."""
    data = tmp_path / "data"
    Installation.open(data, create=True)
    listed = {"id": "a", "schema": "Company",
              "properties": {"name": ["nordic-magnets"], "topics": ["export.control"], "country": ["se"]}}  # fmt: skip
    (tmp_path / "list.json").write_text(json.dumps(listed), encoding="utf-8")
    (data / "waybill.toml").write_text(f'screening = ["{tmp_path / "list.json"}"]', encoding="utf-8")
    here = Installation.open(data)
    register(
        here,
        tmp_path / "register",
        places="id,jurisdiction\nworks,CN\n",
        assets="id,name,kind,grade,home\nsintering,How we *sinter*,data,important,works\n",
        parties="id,kind,jurisdiction\nnordic-magnets,organisation,SE\n",
        permits="id,asset,party,valid_until,max_records,basis\njoint,sintering,nordic-magnets,2027-12-31T00:00:00Z,500,"
        "contract 17\n",
    )
    return here


def test_it_holds_terms_screening_articles_quotes_questions_and_duties(here: Installation) -> None:
    text = consultation(here, "joint", DAY, lambda en, zh: en)
    assert "no legal advice" in text
    assert "| asset | How we \\*sinter\\* (sintering) |" in text, "what people typed changes no layout"
    assert "| at most | 500 records |" in text and "contract 17" in text
    assert "| nordic-magnets | 100 | list.json | export.control | se |" in text
    assert "### China: data:" in text and "第三十七条" in text
    assert "To be answered:" in text and "state_secret" in text
    assert "### United States: data" not in text, "what is not surely concerned is left out"
    assert "合作方筛查" in consultation(here, "joint", DAY, lambda en, zh: zh)


def test_a_permit_that_is_not_there(here: Installation) -> None:
    with pytest.raises(UsageError, match="no such permit"):
        consultation(here, "other", DAY, lambda en, zh: en)
