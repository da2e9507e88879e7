"""Commands run as a user runs them: as installed, in a process of their own, or in this one, which is much cheaper."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from waybill.cli import main, output
from waybill.control import close_database

WIDTH = 120
SECONDS = 120

Told = tuple[int, str, str]
"""Exit code, standard output and standard error."""


def environment(data: Path | None, **more: str) -> dict[str, str]:
    """Return the environment of a command: English, no colours, this data folder or none."""
    there = {name: value for name, value in os.environ.items() if name != "WAYBILL_DATA"}
    folder = {"WAYBILL_DATA": str(data)} if data is not None else {}
    return {**there, "LANG": "C.UTF-8", "COLUMNS": str(WIDTH), "NO_COLOR": "1", **folder, **more}


def installed(*arguments: str | Path, data: Path | None = None, stdin: str = "", **env: str) -> Told:
    """Run the command as installed."""
    done = subprocess.run(
        [sys.executable, "-m", "waybill", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment(data, **env),
        check=False,
        timeout=SECONDS,
    )
    return done.returncode, done.stdout, done.stderr


def waybill(*arguments: str | Path, data: Path | None = None, stdin: str = "", **env: str) -> Told:
    """Run the command in this process, by the function that the installed one calls; nothing starts beside it."""
    out, err, given = io.BytesIO(), io.BytesIO(), io.BytesIO(stdin.encode())
    streams = patch.multiple(
        sys,
        stdin=io.TextIOWrapper(given, encoding="utf-8"),
        stdout=io.TextIOWrapper(out, encoding="utf-8", write_through=True),
        stderr=io.TextIOWrapper(err, encoding="utf-8", write_through=True),
        argv=["waybill", *map(str, arguments)],
    )
    with streams, _environment(environment(data, **{"WAYBILL_WORKERS": "0", **env})):
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        finally:
            close_database()
        return code, out.getvalue().decode(), err.getvalue().decode()


@contextmanager
def _environment(wanted: dict[str, str]) -> Iterator[None]:
    widths = output.out.width, output.err.width
    output.out.width = output.err.width = WIDTH
    try:
        with patch.dict(os.environ, wanted, clear=True):
            yield
    finally:
        output.out.width, output.err.width = widths
