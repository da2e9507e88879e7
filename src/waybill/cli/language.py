"""The language of the output: English or Chinese, by ``--lang``, ``WAYBILL_LANG`` or the locale."""

from __future__ import annotations

import os
from contextvars import ContextVar
from enum import StrEnum

from waybill.model.findings import Text


class Language(StrEnum):
    """A language of the product."""

    EN = "en"
    ZH = "zh"


def _from_environment() -> Language:
    locale = os.environ.get("WAYBILL_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return Language.ZH if locale.startswith("zh") else Language.EN


_current: ContextVar[Language | None] = ContextVar("language", default=None)


def choose(language: Language | None) -> None:
    """Set the language of this run; None takes that of the environment."""
    _current.set(language or _from_environment())


def current() -> Language:
    """Return the language of this run."""
    return _current.get() or _from_environment()


def say(en: str, zh: str) -> str:
    """Return the text in the language of this run."""
    return zh if current() is Language.ZH else en


def read(text: Text) -> str:
    """Return a text of the model in the language of this run."""
    return say(text.en, text.zh)
