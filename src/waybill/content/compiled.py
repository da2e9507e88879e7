"""Functions that numba compiles where it is installed (extra ``compiled``) and that are plain Python where it is not.

There is one source for both, so both give the same answers; it keeps to what numba knows: numbers and arrays.

What was compiled is kept for the next start, in a folder named after the sources of the whole room: numba by itself
sees only whether the file of a function has changed, and would go on to run old copies of the functions that it calls.
Compiling takes half a minute, once for each version; where that is not worth it, as for a few small files or in tests,
``WAYBILL_COMPILED=0`` in the environment keeps to plain Python.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_Function = TypeVar("_Function", bound=Callable[..., object])

try:
    if os.environ.get("WAYBILL_COMPILED") == "0":
        raise ImportError("plain Python is asked for")
    from numba import config, njit
except ImportError:
    IS_COMPILED = False

    def compiled(function: _Function) -> _Function:
        """Return the function as it is."""
        return function

else:
    IS_COMPILED = True

    def _kept() -> str:
        """Return the folder for what is compiled of these sources; empty where none can be made."""
        sources = (source.read_bytes() for source in sorted(Path(__file__).parent.rglob("*.py")))
        digest = hashlib.sha256(b"".join(text for text in sources if b"@compiled" in text)).hexdigest()[:16]
        home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
        for folder in (Path(__file__).parent / "__pycache__", home / "waybill"):
            try:
                (folder / digest).mkdir(parents=True, exist_ok=True)
            except OSError:
                continue
            return str(folder / digest)
        return ""

    _KEPT = _kept()

    def compiled(function: _Function) -> _Function:
        """Return the function compiled at its first call; what comes out is kept for the next start."""
        usual = config.CACHE_DIR  # type: ignore[attr-defined]  # numba makes them of the environment
        config.CACHE_DIR = _KEPT  # type: ignore[attr-defined]
        try:
            made: _Function = njit(function, cache=bool(_KEPT), nogil=True)
        finally:
            config.CACHE_DIR = usual  # type: ignore[attr-defined]
        return made
