"""Which engines are known, and how each is asked: offline, and so that what is looked at cannot silence it.

``{target}`` is the folder, ``{rules}`` the user's own rules, ``{report}`` where to write, ``{empty}`` an empty file and
``{defaults}`` a configuration that takes the engine's own rules and nothing of the folder's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine."""

    name: str
    arguments: tuple[str, ...]
    program: str
    """What it is called on the path."""
    form: str = "sarif"
    """What it writes: ``sarif``, or the JSON of ``bandit`` or ``yara``."""
    done: frozenset[int] = frozenset({0})
    """Exit codes that mean it did its work, whether or not it found anything."""
    keeps_secrets: bool = False
    """Whether its messages may hold secrets, and are not shown."""

    @property
    def needs_rules(self) -> bool:
        """Whether it brings no rules."""
        return "{rules}" in self.arguments


def _engine(name: str, line: str, *, program: str = "", form: str = "sarif", done: tuple[int, ...] = (0,)) -> Engine:
    return Engine(name, tuple(line.split()), program or name, form, frozenset(done), name in _SEEKERS)


_SEEKERS = frozenset({"kingfisher", "betterleaks", "gitleaks"})
"""Engines that look for secrets."""


_BANDIT = "-r -q -f json --ignore-nosec --exit-zero --ini {empty} {target}"
_GREP = (
    "scan --config {rules} --sarif --quiet --metrics=off --disable-version-check --disable-nosem --no-git-ignore "
    "{target}"
)
_LEAKS = (
    "dir {target} --report-format sarif --report-path {report} --redact --no-banner --exit-code 0 "
    "--config {defaults} --gitleaks-ignore-path {empty} --ignore-gitleaks-allow"
)

ENGINES = {
    engine.name: engine
    for engine in (
        _engine(
            "ruff",
            "check --isolated --no-cache --select S --ignore-noqa --no-respect-gitignore --exit-zero "
            "--output-format sarif {target}",
        ),
        _engine("bandit", _BANDIT, form="bandit"),
        _engine("banditrs", _BANDIT, form="bandit"),
        _engine("zizmor", "--offline --no-config --no-exit-codes --quiet --collect=all --format sarif {target}"),
        _engine("opengrep", _GREP, done=(0, 1)),
        _engine("semgrep", _GREP, done=(0, 1)),
        _engine("kingfisher", "scan {target} --format sarif --no-validate --redact", done=(0, 200, 205)),
        _engine("betterleaks", _LEAKS),
        _engine("gitleaks", _LEAKS),
        _engine("yara-x", "scan --output-format json --recursive {rules} {target}", program="yr", form="yara"),
    )
}
"""Engines by name."""
