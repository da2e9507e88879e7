"""Draws docs/images from a real scan of a small simulated world. ``python -m docs.build_images``."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

import typer

from waybill.cli import output
from waybill.cli.app import app
from waybill.simulate import write_world

FOLDER = Path(__file__).parent / "images"
WIDTH = 112


def scan_picture() -> str:
    """Return the picture of a scan as SVG, without fonts to fetch."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        truth = write_world(folder, seed=7)
        mappings = [part for name in truth.mappings for part in ("--mapping", str(folder / name))]
        output.out.record, output.out.width, output.out.file = True, WIDTH, io.StringIO()
        arguments = ["--lang", "en", "scan", str(folder / truth.logs), "--register", str(folder / truth.register)]
        command = typer.main.get_command(app)
        command.main([*arguments, *mappings, "--severity", "critical"], standalone_mode=False)
    picture = output.out.export_svg(title="waybill scan demo/logs --register demo/register", unique_id="scan")
    return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "scan.svg").write_text(scan_picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
