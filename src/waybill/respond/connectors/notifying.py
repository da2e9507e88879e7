"""Tells somebody, by mail, web hook, WeCom, DingTalk, Feishu or whatever else Apprise reaches.

The message is kept here and sent by a task: a receiver that is slow, or down for a day, holds no containment up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from waybill.respond import notices
from waybill.respond.acting import Arguments, Before, Connector, ConnectorError


@dataclass(frozen=True, slots=True)
class SendNotice(Connector):
    """``notify.send``: ``message`` is on its way to ``receiver``, and is tried again until it is taken."""

    receivers: Collection[str]
    """Names of those that are set up."""
    name: ClassVar[str] = "notify.send"
    arguments: ClassVar[tuple[str, ...]] = ("receiver", "message")
    needs_two: ClassVar[bool] = False
    texts: ClassVar[frozenset[str]] = frozenset({"message"})
    lasting: ClassVar[bool] = True

    def says(self, arguments: Arguments) -> str:
        """Return what would be told to whom."""
        return f"tell {arguments['receiver']}: {arguments['message']}"

    def before(self, arguments: Arguments) -> Before:
        """Return nothing: what was told stays told."""
        return {}

    def act(self, arguments: Arguments, seconds: float) -> None:
        """Put it on its way."""
        if arguments["receiver"] not in self.receivers:
            raise ConnectorError("there is no such receiver", where=arguments["receiver"])
        notices.keep(arguments["receiver"], arguments["message"], datetime.now(UTC))

    def in_force(self, arguments: Arguments) -> bool:
        """Return whether it is on its way, or was taken."""
        return notices.is_kept(arguments["receiver"], arguments["message"])

    def undo(self, arguments: Arguments, before: Before, seconds: float) -> None:
        """Tell that there is no way back."""
        raise ConnectorError("what was told cannot be taken back")
