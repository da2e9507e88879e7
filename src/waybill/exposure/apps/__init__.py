"""Apps and tokens that people let in: who may read mail, files and code without being anybody of the organisation.

- ``app``: an app or a token as checks see it; ``powers`` says what its scopes amount to.
- ``microsoft``, ``google``, ``github``: readers of what these services export.
"""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.apps import github, google, microsoft
from waybill.exposure.documents import read_export
from waybill.exposure.snapshots import NotInspected, Snapshot


def read(target: str) -> Iterator[Snapshot | NotInspected]:
    """Yield the apps and tokens in an export."""
    expected = (
        "service principals with their grants from Microsoft Graph, tokens from Google's Admin SDK, or "
        "installations or personal access tokens from GitHub's API"
    )
    yield from read_export(target, (microsoft, google, github), expected)
