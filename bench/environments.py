"""Environments of their own for peers, which have none of our code; made the first time they are asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def environment(name: str, packages: Sequence[str]) -> Path:
    """Return the Python of an environment with these packages, below the user's cache.

    Raises CalledProcessError where they cannot be had.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "waybill-bench" / name
    python = cache / "bin" / "python"
    if not (cache / "ready").exists():
        make: list[str | Path] = ["uv", "venv", "-q", "--clear", "-p", sys.executable, cache]
        install: list[str | Path] = ["uv", "pip", "install", "-q", "--python", python, *packages]
        for command in (make, install):
            subprocess.run(command, check=True, capture_output=True)
        (cache / "ready").touch()
    return python
