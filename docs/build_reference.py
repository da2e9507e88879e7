"""Writes docs/reference from the code, so that it cannot disagree with it. ``python -m docs.build_reference``."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from waybill.access.roles import PERMISSIONS, Permission, Role
from waybill.cli.app import app
from waybill.content import rules as rules_for_grades
from waybill.content import types
from waybill.detect.sigma import SigmaDetector
from waybill.flow.detectors import load_detectors
from waybill.flow.settings import Settings
from waybill.model.findings import json_schema
from waybill.model.transfers import COLUMNS
from waybill.model.words import Action, AssetKind, Channel, Grade, Outcome, PartyKind, Severity

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Written by `make docs` from the code. -->"


def pages() -> dict[str, str]:
    """Return every page of the reference by file name."""
    return {
        "columns.md": columns(),
        "commands.md": commands(),
        "data-types.md": data_types(),
        "detectors.md": detectors(),
        "finding.schema.json": finding_schema(),
        "roles.md": roles(),
        "rules.md": rules(),
        "settings.md": settings(),
    }


def columns() -> str:
    """Return the page on the table of transfers and its words."""
    lines = [
        "# Columns of a transfer",
        NOTE,
        "",
        "| column | type | meaning | OCSF 1.8 | EPCIS 2.0 |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| `{c.name}` | {_type(c.type)} | {c.meaning} | {_code(c.ocsf)} | {_code(c.epcis)} |" for c in COLUMNS]
    for title, words in (
        ("action", Action),
        ("channel", Channel),
        ("outcome", Outcome),
        ("grade", Grade),
        ("asset_kind", AssetKind),
        ("actor_kind", PartyKind),
        ("severity of findings", Severity),
    ):
        lines += ["", f"**{title}**: " + ", ".join(f"`{word}`" for word in words)]
    return "\n".join(lines) + "\n"


def commands() -> str:
    """Return the page on the command line."""
    lines = ["# Commands", NOTE]
    for path, command in walk(typer.main.get_command(app), "waybill"):
        lines += ["", f"## `{path}`", "", _help(command)]
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
        if arguments or options:
            lines += ["", "| | |", "|---|---|"]
        lines += [f"| `{p.metavar or p.name.upper()}` | {getattr(p, 'help', '') or ''} |" for p in arguments]
        lines += [f"| `{', '.join(sorted(p.opts, key=len, reverse=True))}` | {p.help or ''} |" for p in options]
    return "\n".join(lines) + "\n"


def data_types() -> str:
    """Return the page on the kinds of sensitive data that are looked for, and on what grades are suggested by."""
    lines = [
        "# Data types",
        NOTE,
        "",
        "| type | name | 名称 | sensitivity | basis | example |",
        "|---|---|---|---|---|---|",
    ]
    for one in types().values():
        example = one.example.strip().replace("|", "\\|")
        cells = (one.names["en"], one.names["zh"], str(one.sensitivity), one.basis, f"`{example}`")
        lines.append(f"| `{one.id}` | " + " | ".join(cells) + " |")
    lines += ["", "## Rules for grades", "", "| rule | grade | rests on | from | reason |", "|---|---|---|---|---|"]
    lines += [
        f"| `{one.id}` | {one.grade} | {one.standard}, {one.clause} | {one.since} | {one.reason['en']} |"
        for one in rules_for_grades()
    ]
    return "\n".join(lines) + "\n"


def detectors() -> str:
    """Return the page on detectors."""
    lines = ["# Detectors", NOTE, "", "| detector | sees | reads |", "|---|---|---|"]
    found = load_detectors()
    lines += [f"| `{d.name}` | {d.scope} | {', '.join(f'`{c}`' for c in d.columns)} |" for d in found]
    for detector in found:
        lines += ["", f"## {detector.name}", "", _help(type(detector))]
    return "\n".join(lines) + "\n"


def finding_schema() -> str:
    """Return the JSON Schema of an exported finding."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def roles() -> str:
    """Return the page on roles and their permissions."""
    names = [role.value for role in Role]
    lines = ["# Roles", NOTE, "", f"| permission | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for permission in Permission:
        marks = ["✓" if permission in PERMISSIONS[role] else "" for role in Role]
        lines.append(f"| `{permission}` | {' | '.join(marks)} |")
    return "\n".join([*lines, "", "How roles are given: [who gets in](../access.md)."]) + "\n"


def rules() -> str:
    """Return the page on the built-in leak rules."""
    lines = [
        "# Built-in leak rules",
        NOTE,
        "",
        "| rule | 规则 | level | log source | ATT&CK |",
        "|---|---|---|---|---|",
    ]
    for rule in sorted(SigmaDetector().rules.rules, key=lambda rule: (str(rule.logsource), rule.title.en)):
        tags = ", ".join(tag.removeprefix("attack.").upper() for tag in rule.tags if tag.startswith("attack.t"))
        lines.append(f"| {rule.title.en} | {rule.title.zh} | {rule.level} | `{rule.logsource}` | {tags} |")
    return "\n".join(lines) + "\n"


def settings() -> str:
    """Return the page on settings."""
    lines = [
        "# Settings",
        NOTE,
        "",
        "In `waybill.toml` in the data folder, or as environment variables, which win.",
        "",
        "| setting | variable | default | meaning |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "number of cores, at most 8" if name == "workers" else _default(field.default)
        lines.append(f"| `{name}` | `WAYBILL_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def _default(value: object) -> str:
    return "not set" if value is None else "none" if value == () else f"`{value}`"


def _type(kind: Any) -> str:
    text = str(kind)
    return "text" if text.startswith("dictionary") else "text → text" if text.startswith("map") else text


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _help(documented: Any) -> str:
    text = getattr(documented, "help", None) or documented.__doc__ or ""
    paragraphs = text.replace("\b", "").split("\n\n")
    return "\n\n".join("\n".join(line.strip() for line in part.strip().splitlines()) for part in paragraphs)


def walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every command below a command, with the words that call it."""
    yield path, command
    for name, child in sorted(getattr(command, "commands", {}).items()):
        yield from walk(child, f"{path} {name}")


def help_text() -> str:
    """Return what ``waybill --help`` prints on a plain terminal of 100 columns."""
    plain = {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}
    printed = subprocess.run(
        [sys.executable, "-m", "waybill", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **plain},
    )
    return "\n".join(line.rstrip() for line in printed.stdout.strip().splitlines())


def readme(text: str) -> str:
    """Return README.md with the help text as it is now."""
    return re.sub(
        r"(```\n\$ waybill --help\n).*?```", lambda found: f"{found[1]}{help_text()}\n```", text, flags=re.DOTALL
    )


def main() -> None:
    """Write every page."""
    page = FOLDER.parents[1] / "README.md"
    page.write_text(readme(page.read_text(encoding="utf-8")), encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
