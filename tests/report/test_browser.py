"""The page in a real browser: what its policy lets run, what the address remembers, what comes out on paper."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from waybill.report import render

from .samples import report
from .test_page import HOSTILE, everywhere

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed: the page is not opened in a browser"
)

QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--virtual-time-budget=2000"),
    *("--disable-quic", "--disable-sync", "--disable-background-networking", "--disable-component-update"),
    "--enable-logging=stderr",
]


def browse(page: Path, *options: str, fragment: str = "") -> tuple[str, list[str]]:
    """Open a page; return its document as it stands then, and what its console says."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, *QUIET, f"--user-data-dir={page.parent / 'profile'}", *options, f"{page.as_uri()}{fragment}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A report as a file."""
    file = tmp_path / "report.html"
    file.write_bytes(render(report(60)))
    return file


def test_the_address_remembers_language_and_colours(page: Path) -> None:
    document, console = browse(page, "--dump-dom", fragment="#lang=zh&theme=dark")
    assert '<html lang="zh-Hans">' in document and "<title>未经授权的转移</title>" in document
    assert console == [], "the policy stops nothing that the page needs"
    document, _ = browse(page, "--dump-dom", fragment="#lang=no&theme=%22%3E&open-all=1")
    assert '<html lang="en">' in document


def test_it_prints_on_a4_without_its_script(page: Path, tmp_path: Path) -> None:
    sheets = tmp_path / "report.pdf"
    page.write_bytes(re.sub(rb"<script.*?</script>", b"", page.read_bytes(), flags=re.DOTALL))
    browse(page, "--no-pdf-header-footer", f"--print-to-pdf={sheets}")
    pages = re.findall(rb"/Type\s*/Page\b", sheets.read_bytes())
    boxes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox\s*\[([^\]]*)\]", sheets.read_bytes())}
    assert len(pages) > 3
    assert all((round(width), round(height)) == (595, 842) for _, _, width, height in boxes), "A4"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_that_data_says_runs(tmp_path: Path, language: str) -> None:
    page = tmp_path / "report.html"
    text = "".join(HOSTILE).replace("alert(1)", "document.title='taken'")
    page.write_bytes(render(everywhere(text[:390]), language))
    document, console = browse(page, "--dump-dom")
    title = {"en": "Transfers that nobody authorised", "zh": "未经授权的转移"}[language]
    assert f"<title>{title}</title>" in document and console == []
    assert not re.search(r"<(img|iframe|script src)", document)
