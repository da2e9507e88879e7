"""Files that the console hands out."""

from __future__ import annotations

from django.http import HttpResponse


def attachment(content: str | bytes, name: str, type: str) -> HttpResponse:
    """Return a file to be saved under a name; ``type`` is its media type."""
    return HttpResponse(content, content_type=type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
