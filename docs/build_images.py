"""Draws docs/images from a real scan of a small simulated world. ``python -m docs.build_images``.

The picture of the report needs Chromium; without it the one that is there stays.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import typer

from waybill.cli import output
from waybill.cli.app import app
from waybill.simulate.world import write_world

FOLDER = Path(__file__).parent / "images"
WIDTH = 112


PAGE = (1100, 1180)
"""Width and height of what is shown of the report, in pixels."""


def scan(world: Path, *options: str) -> None:
    """Run ``waybill scan`` over a simulated world, in English."""
    truth = write_world(world, seed=7)
    mappings = [part for name in truth.mappings for part in ("--mapping", str(world / name))]
    arguments = ["--lang", "en", "scan", str(world / truth.logs), "--register", str(world / truth.register)]
    typer.main.get_command(app).main([*arguments, *mappings, *options], standalone_mode=False)


def scan_picture(page: Path) -> str:
    """Return the picture of a scan as SVG, without fonts to fetch, and write its report to ``page``."""
    output.out.record, output.out.width, output.out.file = True, WIDTH, io.StringIO()
    with tempfile.TemporaryDirectory() as scratch:
        scan(Path(scratch), "--severity", "critical")
        picture = output.out.export_svg(title="waybill scan demo/logs --register demo/register", unique_id="scan")
    with tempfile.TemporaryDirectory() as scratch:
        scan(Path(scratch), "--html", str(page), "--control", "2025-05-06=USB sticks locked")
    return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)


def draw_report(page: Path, picture: Path) -> None:
    """Take a picture of the head of the report."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("no Chromium: the picture of the report stays as it is")
        return
    size = ",".join(map(str, PAGE))
    options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={size}", f"--screenshot={picture}"]
    subprocess.run([browser, *options, page.as_uri()], check=True, capture_output=True)


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "report.html"
        (FOLDER / "scan.svg").write_text(scan_picture(page), encoding="utf-8")
        draw_report(page, FOLDER / "report.png")


if __name__ == "__main__":
    main()
