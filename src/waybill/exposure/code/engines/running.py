"""Asks an engine in a process of its own: no secrets of ours, a home of its own, and an end."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from waybill.exposure.code.engines.known import Engine
from waybill.exposure.snapshots import NotInspected

SECONDS = 900.0
"""To wait for an engine."""
MOST_BYTES = 256 << 20
"""No report is longer, nor any file that an engine writes."""

_DEFAULTS = "[extend]\nuseDefault = true\n"


def program_of(name: str, program: str) -> str:
    """Return where an engine is installed, beside this Python or on the path. Raises ``NotInspected`` if nowhere."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    found = shutil.which(program, path=path)
    if found is None:
        raise NotInspected(name, f"not asked: {program} is not installed")
    return str(Path(found).absolute())


def ask(engine: Engine, program: str, target: Path, rules: Path | None, seconds: float = SECONDS) -> bytes:
    """Return what an engine wrote of a folder. Raises ``NotInspected`` where it fails or does not finish."""
    with TemporaryDirectory() as folder:
        scratch = Path(folder)
        report, said = scratch / "report", scratch / "said"
        (scratch / "empty").touch()
        (scratch / "defaults.toml").write_text(_DEFAULTS, encoding="utf-8")
        given = {
            "target": str(target),
            "rules": str(rules.absolute()) if rules else "",
            "report": str(report),
            "empty": str(scratch / "empty"),
            "defaults": str(scratch / "defaults.toml"),
        }
        command = [program, *(argument.format_map(given) for argument in engine.arguments)]
        with report.open("wb") as out, said.open("wb") as err:
            code = _run(engine.name, command, scratch, (out.fileno(), err.fileno()), seconds)
        if code not in engine.done:
            lines = said.read_bytes()[-2000:].decode("utf-8", "replace").strip().splitlines()
            why = lines[-1][:200] if lines and not engine.keeps_secrets else "it does not say why"
            raise NotInspected(engine.name, f"it ended with {code}: {why}")
        return report.read_bytes()


def _run(name: str, command: list[str], scratch: Path, streams: tuple[int, int], seconds: float) -> int:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(scratch), "LANG": "C.UTF-8", "NO_COLOR": "1"}
    process = subprocess.Popen(  # noqa: S603  an engine that is known, by its whole path
        command,
        cwd=scratch,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=streams[0],
        stderr=streams[1],
        start_new_session=True,
    )
    try:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(process.pid, resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
            resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise NotInspected(name, f"it does not finish within {seconds:g} s") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with all that it started
        process.wait()
