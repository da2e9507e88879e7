"""What is documented is what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs import build_reference
from docs.build_reference import FOLDER, pages

from waybill.flow.detectors import detector_names
from waybill.flow.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_reference_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`"


def test_every_setting_and_detector_is_documented() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    detectors = (FOLDER / "detectors.md").read_text(encoding="utf-8")
    assert all(f"## {name}\n" in detectors for name in detector_names())


def test_the_help_in_the_readme_is_the_real_one() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "$ waybill --help\n" in readme
    assert build_reference.readme(readme) == readme, "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


def test_locked_requirements_hold_no_address() -> None:
    for lock in ROOT.glob("*.lock"):
        if lock.name == "uv.lock":
            continue  # made by uv for itself, ignored by git
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text and "--hash=sha256:" in text, lock.name
