"""The service's log: one JSON object a line on standard error, with nothing in it that names or opens anything.

Only events of our own and their fields are written; an exception is its kind and place, since its text may quote a
record. A token that gets into a text all the same is cut down to its id.
"""

from __future__ import annotations

import logging
import logging.config
import re
import traceback
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

_TOKEN = re.compile(r"wbt_([0-9a-f]{12})_[A-Za-z0-9_-]+")


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Cut tokens down to their ids and exceptions down to kind and place."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["error"] = type(error).__name__
        event["at"] = [f"{Path(frame.filename).stem}:{frame.lineno}" for frame in frames[-4:]]
    return {name: _TOKEN.sub(r"wbt_\1_…", value) if isinstance(value, str) else value for name, value in event.items()}


_SHARED: list[structlog.typing.Processor] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    redact,
]


def formatter() -> logging.Formatter:
    """Return what turns records of the standard library's logging, those of the HTTP server, into the same lines."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )


def configuration() -> dict[str, Any]:
    """Return the configuration of logging for this process and those it starts."""
    # Django quotes paths, where we log routes; its tasks tell of every look at their queue; Apprise tells addresses.
    names = ("django", "django_tasks", "django_tasks_db", "apprise")
    silent = {name: {"level": "CRITICAL"} for name in names}
    loggers = {"_granian": {"level": "ERROR"}, **silent}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "waybill.console.logs.formatter"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["lines"], "level": "INFO"},
        "loggers": loggers,
    }


def configure() -> None:
    """Send all logging of this process to standard error as JSON lines."""
    logging.config.dictConfig(configuration())
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def log() -> Any:
    """Return the service's logger."""
    return structlog.stdlib.get_logger("waybill")
