"""An installation with assets of a test's own in its register."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waybill.control import close_database
from waybill.flow.installation import Installation
from waybill.register.fields import Kind
from waybill.register.importing import read_files


@contextmanager
def installation_with(assets: str, folder: Path) -> Iterator[Installation]:
    """Open a new installation below a folder, with these assets (CSV); its database is closed behind the block."""
    from waybill.register import records

    opened = Installation.open(folder / "data", create=True)
    file = folder / "assets.csv"
    file.write_text(assets, encoding="utf-8")
    records.import_reading(read_files({Kind.ASSETS: file}), opened.pseudonymiser, opened.folder.key("identity"))
    yield opened
    close_database()
