"""Says in OpenAPI's words what operations take and give, from the same types that make the answers."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

_REF = "#/components/schemas/{name}"
_PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        name: {"type": "integer" if name == "status" else "string"}
        for name in ("type", "title", "status", "detail", "where", "expected", "advice")
    },
    "required": ["type", "title", "status", "detail"],
}


def schemas(*types: Any) -> dict[str, Any]:
    """Return the components of an OpenAPI document that describe these types."""
    _, components = msgspec.json.schema_components(types, ref_template=_REF)
    return {**components, "Problem": _PROBLEM}


def json_of(type_: Any, meaning: str) -> dict[str, Any]:
    """Return the description of an answer in JSON."""
    return {"description": meaning, "content": {"application/json": {"schema": ref_to(type_)}}}


def ref_to(type_: Any) -> dict[str, str]:
    """Return a reference to the schema of a type among the components."""
    return {"$ref": _REF.format(name=type_.__name__)}


def told(*statuses: int) -> dict[int, Any]:
    """Return the descriptions of problems by status."""
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def header(name: str, meaning: str, *, required: bool = False) -> dict[str, Any]:
    """Return the description of a request header."""
    return {"in": "header", "name": name, "description": meaning, "required": required, "schema": {"type": "string"}}


def query(name: str, meaning: str) -> dict[str, Any]:
    """Return the description of a parameter in the query string."""
    return {"in": "query", "name": name, "description": meaning, "schema": {"type": "string"}}


def raw_body(types: Sequence[str]) -> dict[str, Any]:
    """Return the description of a body that is taken as it is."""
    return {"required": True, "content": {type_: {"schema": {"type": "string"}} for type_ in types}}
