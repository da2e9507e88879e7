"""Sends batches to a service, one after the other, each until it is acknowledged or refused for good.

The same batch is sent under the same number as often as it takes, which the service recognises (docs/operating.md).
"""

from __future__ import annotations

import ipaddress
import random
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Self
from urllib.parse import urlencode, urlsplit

import msgspec

from waybill import __version__
from waybill.flow.forward.spool import Outbox, Waiting
from waybill.model.errors import UsageError

ANSWER_SECONDS = 60.0
"""How long the service may take for an answer."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds to wait after the first failure, doubled with each, and at most; a random half of it less."""

LONGEST_ASKED = 3600.0
"""Seconds that a service may ask to wait (Retry-After)."""

IDLE_SECONDS = 0.2
"""Time between two looks whether there is something to send."""

REFUSALS = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
"""Answers that say that this batch will never be taken. All others may be over some time, and the batch waits."""

LARGEST_ANSWER = 64 * 1024


class _Problem(msgspec.Struct):
    """What of ``application/problem+json`` is told."""

    title: str = ""
    detail: str = ""
    where: str = ""
    advice: str = ""


class LaterError(Exception):
    """The batch is to be sent again: why, and the seconds that the service asked to wait."""

    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.seconds = seconds


class RefusedError(Exception):
    """The service will never take this batch."""


@dataclass(frozen=True, slots=True)
class Service:
    """Where to send, and as whom."""

    secure: bool
    host: str
    port: int
    path: str
    token: str
    agent: str
    source: str
    trust: Path | None
    """Certificates to trust (PEM) in place of the system's."""

    @classmethod
    def at(cls, url: str, *, token: str, agent: str, source: str = "", trust: Path | None = None) -> Self:
        """Return the service at an address. Raises UsageError for one that cannot be used, or would not be safe."""
        parts = urlsplit(url)
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or parts.scheme not in {"http", "https"} or parts.query or parts.fragment or parts.username:
            raise UsageError("this is no address of a service", where=url, expected="such as https://waybill.example")
        secure = parts.scheme == "https"
        if not secure and not _is_here(host):
            raise UsageError(
                "others could read the token and the records on their way", where=url, expected="https://…"
            )
        if trust is not None and not trust.is_file():
            raise UsageError("there are no certificates", where=str(trust), expected="a file in PEM")
        path = parts.path.rstrip("/") + "/api/v1/transfers"
        return cls(secure, host, port or (443 if secure else 80), path, token, agent, source, trust)

    def connection(self) -> HTTPConnection:
        """Return a connection, not yet opened, that checks the service's certificate and name."""
        if not self.secure:
            return HTTPConnection(self.host, self.port, timeout=ANSWER_SECONDS)
        context = ssl.create_default_context(cafile=self.trust)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return HTTPSConnection(self.host, self.port, timeout=ANSWER_SECONDS, context=context)


@dataclass(slots=True)
class Progress:
    """How sending goes; read by other threads."""

    sent: int = 0
    """Batches that were acknowledged."""
    accepted: int = 0
    rejected: int = 0
    """Records of theirs."""
    refused: int = 0
    """Batches."""
    trouble: str = ""
    """Why nothing is sent now; empty where all is well."""
    since: float = 0.0
    """When that began, by the monotonic clock."""


class Courier:
    """Sends what an outbox holds, in its own thread."""

    def __init__(self, outbox: Callable[[], Outbox], service: Service) -> None:
        self.progress = Progress()
        self.failure: BaseException | None = None
        """What ended it, if it was not asked to end."""
        self._outbox = outbox
        self._service = service
        self._connection: HTTPConnection | None = None
        self._failures = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)  # what is in hand may be cut off without harm

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """End; what is in hand gets so many seconds."""
        self._stop.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            outbox = self._outbox()
            try:
                while not self._stop.is_set():
                    batch = outbox.first()
                    self._stop.wait(IDLE_SECONDS if batch is None else self._send(batch, outbox))
            finally:
                outbox.close()
                if self._connection is not None:
                    self._connection.close()
        except BaseException as error:  # noqa: BLE001  whoever watches over it raises it
            self.failure = error

    def _send(self, batch: Waiting, outbox: Outbox) -> float:
        """Send a batch and note what came of it; return the seconds to wait before the next."""
        progress = self.progress
        try:
            accepted, rejected = self._deliver(batch)
        except RefusedError as refusal:
            outbox.refuse(batch.number, str(refusal))
            progress.refused += 1
        except LaterError as later:
            self._failures += 1
            if not progress.trouble:
                progress.since = time.monotonic()
            progress.trouble = later.reason
            return max(later.seconds, _pause(self._failures))
        else:
            outbox.sent(batch.number)
            progress.sent += 1
            progress.accepted += accepted
            progress.rejected += rejected
        self._failures, progress.trouble = 0, ""
        return 0.0

    def _deliver(self, batch: Waiting) -> tuple[int, int]:
        """Send a batch once; return how many records were accepted and rejected. Raises LaterError and RefusedError."""
        fresh = self._connection is None
        connection = self._connection or self._service.connection()
        self._connection = None  # until all has gone well
        try:
            connection.request("POST", self._target(batch), batch.packed, self._headers(batch))
            answer = connection.getresponse()
            content = answer.read(LARGEST_ANSWER + 1)
        except (OSError, HTTPException, ValueError) as error:
            connection.close()
            if not fresh:  # the service closes connections that were silent; that is no failure
                return self._deliver(batch)
            raise LaterError(_why(error)) from None
        if answer.isclosed() and not answer.will_close:
            self._connection = connection
        else:
            connection.close()
        return _receipt(answer, content)

    def _target(self, batch: Waiting) -> str:
        asked = {"mapping": batch.mapping} | ({"source": self._service.source} if self._service.source else {})
        return f"{self._service.path}?{urlencode(asked)}"

    def _headers(self, batch: Waiting) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._service.token}",
            "Content-Type": "application/x-ndjson" if batch.lines else "application/octet-stream",
            "Content-Encoding": "zstd",
            "User-Agent": f"waybill/{__version__}",
            "Waybill-Agent": self._service.agent,
            "Waybill-Sequence": str(batch.number),
        }


def _receipt(answer: HTTPResponse, content: bytes) -> tuple[int, int]:
    """Return the records accepted and rejected that an answer tells. Raises LaterError and RefusedError for others."""
    if answer.status == HTTPStatus.OK:
        try:
            told = msgspec.json.decode(content, type=dict[str, object])
            return int(str(told["accepted"])), int(str(told["rejected"]))
        except (msgspec.DecodeError, KeyError, ValueError):
            raise LaterError("what answers there is not Waybill") from None
    reason = f"{answer.status} {_told(content) or answer.reason}"
    is_ours = answer.headers.get_content_type() == "application/problem+json"
    if answer.status in REFUSALS and (is_ours or answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
        raise RefusedError(reason)
    raise LaterError(reason, _seconds(answer.headers.get("Retry-After", "")))


def _told(content: bytes) -> str:
    try:
        problem = msgspec.json.decode(content, type=_Problem)
    except msgspec.DecodeError:
        return ""
    return ": ".join(filter(None, (problem.detail or problem.title, problem.where)))


def _seconds(retry_after: str) -> float:
    """Return the seconds that ``Retry-After`` (RFC 9110) asks to wait, as a number or a date; 0 for anything else."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after[:9]), LONGEST_ASKED)
    try:
        until = parsedate_to_datetime(retry_after)
        return min(max((until - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_ASKED)
    except (TypeError, ValueError):
        return 0.0


def _pause(failures: int) -> float:
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 16))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  so that agents do not all come back at once


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the service's certificate is not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "the service does not answer"
    return f"the service cannot be reached: {getattr(error, 'strerror', None) or type(error).__name__}"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
