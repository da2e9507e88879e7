"""One service for the tests that only ask it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.console.running import Service, waybill
from tests.console.site import empty_site, site

__all__ = ["empty_site", "site"]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run a service that closes silent connections soon and takes small batches."""
    data = tmp_path_factory.mktemp("service") / "data"
    waybill(data, "tokens", "create", "first", "--scope", "read")
    assets = data.with_name("assets.csv")
    assets.write_text("id,name,kind,grade,patterns\nsecret,Secret,data,core,/secret/*\n", encoding="utf-8")
    waybill(data, "assets", "import", str(assets))
    service = Service(data, silence_seconds=4, max_batch_mb=1, workers=1)
    yield service
    assert service.stop() == 0, service.log()


class Tokens:
    """Tokens of the service, made as tests need them."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._count = 0

    def make(self, *scopes: str, sources: tuple[str, ...] = ()) -> str:
        """Return a new token."""
        self._count += 1
        options = [part for scope in scopes for part in ("--scope", scope)]
        options += [part for source in sources for part in ("--source", source)]
        return waybill(self._data, "tokens", "create", f"token-{self._count}", *options).strip()


@pytest.fixture(scope="session")
def tokens(service: Service) -> Tokens:
    """Make tokens for the service."""
    return Tokens(service.data)


@pytest.fixture(scope="session")
def sending(tokens: Tokens) -> str:
    """Return a token that may send from any source."""
    return tokens.make("ingest")


@pytest.fixture(scope="session")
def reading(tokens: Tokens) -> str:
    """Return a token that may read."""
    return tokens.make("read")
