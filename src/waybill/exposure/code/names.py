"""What names in a file of Python stand for: modules by their place, imports, dotted names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator


def module_name(path: str) -> str:
    """Return the name of the module in a file, by its path relative to the root."""
    stem = re.sub(r"\.(?:pyw?|[cm]?[jt]sx?)$", "", path)
    return stem.removesuffix("/__init__").removesuffix("/index").replace("/", ".")


def imported_names(node: ast.stmt, module: str, *, is_package: bool) -> Iterator[tuple[str, str]]:
    """Yield names that a statement imports, with what they stand for."""
    if isinstance(node, ast.Import):
        for one in node.names:
            first = one.name.partition(".")[0]
            yield (one.asname, one.name) if one.asname else (first, first)
    elif isinstance(node, ast.ImportFrom):
        package = module if is_package else module.rpartition(".")[0]
        base = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, *([node.module] if node.module else [])])
        for one in node.names:
            yield one.asname or one.name, f"{base}.{one.name}" if base else one.name


def module_path(name: str, module: str) -> str:
    """Return the full name of what a file of JavaScript loads by ``name``; ``module`` is the file's own."""
    name = name.removeprefix("node:")
    if not name.startswith("."):
        return name
    plain = re.sub(r"\.(?:[cm]?[jt]sx?)$", "", name)
    parts = module.split(".")[:-1] if module else []
    for part in plain.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {".", ""}:
            parts.append(part)
    return ".".join(parts).removesuffix(".index")
