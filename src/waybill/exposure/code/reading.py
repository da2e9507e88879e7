"""What calls read of the personal data of many, and what people type: by the names of models, tables and fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from waybill.exposure.code import vocabulary
from waybill.exposure.code.values import Value, texts_in

_FROM = frozenset({"from", "knex", "collection", "table", "db", "model", "getRepository", "from_", "get_model"})
"""What a table, a collection or a model is named to."""

_SCRIPT_MANY = frozenset(
    {"find", "findAll", "findMany", "findAndCountAll", "scan", "getMany", "getRawMany", "toArray", "fetchAll", "lean",
     "cursor", "findBy"}
)  # fmt: skip
_BUILT = frozenset({"execute", "select", "toArray", "find", "stream", "scan", "load", "fetch", "cursor", "get"})
"""Methods that read what a chain of calls describes."""

_IDENTIFYING = re.compile(
    r"^(?:\w+[._])?(?:id|pk|uuid|guid|email|user_?name|token|slug|code|key|login)$|^\w*__iexact$", re.IGNORECASE
)
"""Fields that single one record out."""

_OF_ONE = re.compile(r"^(?:id|pk|uuid|email|username|token|\w*__iexact)$")
"""Fields by which Django finds one record alone."""

_NARROWING = frozenset({"filter", "where", "andWhere", "find", "findAll", "findMany", "filter_by", "findBy"})


def is_narrowed(method: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> bool:
    """Return whether a call chooses one record among many."""
    if method not in _NARROWING:
        return False
    names: list[object] = list(keywords)
    for one in arguments[:1]:
        if isinstance(one.items, dict):
            names += one.items
            inner = one.items.get("where")
            names += inner.items if inner is not None and isinstance(inner.items, dict) else ()
        elif one.text:
            names.append(one.text.rpartition(".")[2])
    return any(isinstance(name, str) and _IDENTIFYING.match(name) for name in names)


def persons_read(  # noqa: PLR0911  one case for each way of reading
    callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value], *, is_script: bool, has_closure: bool
) -> str | None:
    """Return whose data a call reads in bulk: a model, a table, a collection; nothing where it reads none.

    The empty text says that it reads, but only one record or a figure.
    """
    parts = callee.replace("()", "").split(".")
    method = parts[-1]
    for place, part in enumerate(parts[:-1]):
        if part in vocabulary.MANAGERS:
            if method == "filter" and any(map(_OF_ONE.match, keywords)):
                return ""
            return _by_manager(parts[place - 1] if place else "", parts[place + 1 :], arguments)
    if method in vocabulary.ONE_RECORD or is_narrowed(method, arguments, keywords):
        return None
    if method in vocabulary.QUERYING and any(map(vocabulary.is_bulk_query, _texts(arguments))):
        return "a query over persons"
    if method in {"select", "query", "scalars"} and arguments and not is_script:
        model = arguments[0].name.rpartition(".")[2]
        return model if model[:1].isupper() and vocabulary.is_personal_record(model) else None
    if method in _BUILT:
        for asked, name in pairwise(parts[:-1]):
            if asked in _FROM and vocabulary.is_personal_record(name) and not set(parts) & vocabulary.ONE_RECORD:
                return name
    if len(parts) > 1 and not has_closure and vocabulary.is_personal_record(parts[-2]):
        if is_script and method in _SCRIPT_MANY and "get" not in parts:
            return parts[-2]
        if not is_script and method in {"find", "aggregate", "to_list"} and len(parts) > 2:
            return parts[-2]
    return None


def _by_manager(model: str, chain: Sequence[str], arguments: Sequence[Value]) -> str:
    """Return what a chain of calls on a manager of Django reads."""
    if set(chain) & vocabulary.ONE_RECORD or chain[-1] in vocabulary.NO_RECORD:
        return ""
    if model == "get_user_model":
        return "User"
    if vocabulary.is_personal_record(model):
        return model
    fields = [text for one in arguments for text in texts_in(one)] if chain[-1] in _CHOOSING else []
    return (model or "records of persons") if any(map(_is_personal_field, fields)) else ""


_CHOOSING = frozenset({"values", "values_list", "only"})


def _is_personal_field(name: str) -> bool:
    return vocabulary.PERSONAL_FIELD.match(name.rpartition("__")[2]) is not None


def _texts(arguments: Sequence[Value]) -> list[str]:
    return [text for one in arguments for text in texts_in(one)]


_LOOKING_UP = frozenset(
    {"querySelector", "querySelectorAll", "getElementById", "getElementsByName", "getElementsByTagName", "$", "jQuery",
     "getElementsByClassName"}
)  # fmt: skip
_FIELD = re.compile(
    r"\b(?:input|select|textarea|form)\b|card|cvv|cvc|cc[-_]|expir|e-?mail|phone|passw|address|first.?name|last.?name|"
    r"billing|checkout|payment|iban|ssn|birth",
    re.IGNORECASE,
)
_TYPING = re.compile(r"^(?:key(?:down|up|press)|input|change|submit|blur|paste|focusout|beforeinput)$")


def fields_read(callee: str, arguments: Sequence[Value]) -> str | None:
    """Return which fields of a page a call reads, or nothing."""
    method = callee.rpartition(".")[2]
    text = arguments[0].text if arguments else ""
    if method in _LOOKING_UP and _FIELD.search(text) and "csrf" not in text:
        return f"fields of the page ({text[:60]})"
    if method == "FormData" or method in {"serialize", "serializeArray"}:
        return "all fields of a form"
    return None


def is_typing(method: str, arguments: Sequence[Value]) -> bool:
    """Return whether a call listens to what people type."""
    if method in {"addEventListener", "on", "addListener"} and arguments:
        return any(_TYPING.match(word) is not None for word in arguments[0].text.split())
    return method in {"keydown", "keyup", "keypress"}
