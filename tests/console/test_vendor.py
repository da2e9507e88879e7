"""What is in the package from elsewhere is what its makers published, and says so."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import waybill.console

VENDOR = Path(waybill.console.__file__).parent / "static" / "console" / "vendor"
PERMISSIVE = {"0BSD", "Apache-2.0", "BSD-3-Clause", "MIT", "ISC"}


def test_every_file_is_in_the_manifest_with_its_hash_and_licence() -> None:
    told: set[str] = {"manifest.json"}
    for package in json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8")):
        assert set(package["licence"].split(" AND ")) <= PERMISSIVE
        assert package["version"]
        assert package["texts"]
        for name, file in package["files"].items():
            assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == file["sha256"], name
        told |= {*package["files"], *package["texts"]}
    assert told == {file.name for file in VENDOR.iterdir()}
