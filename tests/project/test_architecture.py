"""The picture in docs/architecture.md is true: its rooms exist, in this order, and no import goes up."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "waybill"


def rooms_of_the_picture() -> list[str]:
    """Return the rooms that the picture names, top to bottom."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = page.split("## The rooms")[1].split("```")[1]
    return [match[1] for line in picture.splitlines() if (match := re.match(r" ([a-z]+) {2,}\S", line))]


def imported_rooms(file: Path) -> set[str]:
    """Return the rooms that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return {name.split(".")[1] for name in names if name.startswith("waybill.")}


def test_the_picture_shows_every_room() -> None:
    folders = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert sorted(rooms_of_the_picture()) == sorted(folders)


def test_the_picture_is_what_import_linter_holds() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(c["layers"] for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    assert [layer.removeprefix("waybill.") for layer in layers] == rooms_of_the_picture()


def test_no_import_goes_up() -> None:
    order = rooms_of_the_picture()
    upward = [
        f"{file.relative_to(SOURCE)} imports {above}"
        for room in order
        for file in (SOURCE / room).rglob("*.py")
        for above in imported_rooms(file)
        if above in order and order.index(above) < order.index(room)
    ]
    assert upward == []


def test_every_room_says_what_lives_there() -> None:
    for room in rooms_of_the_picture():
        assert ast.get_docstring(ast.parse((SOURCE / room / "__init__.py").read_text(encoding="utf-8"))), room


def test_commands_start_without_heavy_libraries() -> None:
    heavy = {"numpy", "pyarrow", "django", "duckdb", "deltalake", "cryptography", "sigma", "waybill.simulate.world"}
    program = f"import sys, waybill.cli.app; print(*sorted({heavy!r} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
