"""Loading a page in Chromium as anybody receives it (extra ``pages``), noted as a HAR."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from waybill.exposure.documents import read_json
from waybill.model.errors import InputError, UsageError

SECONDS = 60
"""To wait for a page."""

_QUIET = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]


def load(address: str) -> Any:
    """Return what Chromium noted when it loaded a page: a HAR with all contents. Nothing is typed and nothing clicked.

    Chromium is the one that ``WAYBILL_CHROMIUM`` names, or that stands on the path. It runs in its own sandbox, except
    for root, for whom it has none.
    """
    if importlib.util.find_spec("playwright") is None:
        raise UsageError("loading a page needs playwright", advice="pip install 'waybill-security[pages]'")
    program = os.environ.get("WAYBILL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise UsageError("loading a page needs Chromium", advice="install it, or save the page as HAR with a browser")
    from playwright.sync_api import Error, sync_playwright

    arguments = [*_QUIET, *(["--no-sandbox"] if os.getuid() == 0 else [])]
    with tempfile.TemporaryDirectory() as folder:
        noted = Path(folder) / "page.har"
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=program, args=arguments)
                context = browser.new_context(record_har_path=noted, record_har_content="embed", accept_downloads=False)
                context.new_page().goto(address, wait_until="networkidle", timeout=SECONDS * 1000)
                context.close()
                browser.close()
        except Error as error:
            raise InputError(
                f"the page cannot be loaded: {str(error).splitlines()[0][:200]}", where=address[:200]
            ) from None
        return read_json(noted)
