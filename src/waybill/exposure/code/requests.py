"""What a client of a web application says, as the frameworks hand it over."""

from __future__ import annotations

_PYTHON = frozenset(
    {"args", "form", "values", "cookies", "headers", "json", "data", "files", "get_data", "get_json", "query_string",
     "GET", "POST", "COOKIES", "FILES", "META", "body", "query_params", "path_params", "match_info", "rel_url",
     "stream", "query", "environ", "view_args", "referrer", "user_agent", "authorization", "remote_user"}
)  # fmt: skip
"""Parts of requests in Flask, Django, Starlette, aiohttp and their like."""

ADDRESSES = frozenset({"path", "path_info", "full_path", "url", "base_url", "get_full_path", "build_absolute_uri"})
"""Parts of requests that say where the client already is: going there again is no harm."""

_SCRIPT = frozenset({"body", "query", "params", "cookies", "headers", "files", "signedCookies", "rawBody"})
"""Parts of requests in Express, Koa, Fastify and Next."""

_NAMES = frozenset({"request", "req", "Request()", "HttpRequest()", "WSGIRequest()"})


def is_part(holder: str, name: str, *, is_script: bool) -> bool:
    """Return whether an attribute of what has this full name is something that a client says."""
    if name not in (_SCRIPT if is_script else _PYTHON) and (is_script or name not in ADDRESSES):
        return False
    return holder.rpartition(".")[2] in _NAMES and not holder.startswith("urllib.")
