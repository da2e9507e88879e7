"""``POST /api/v1/transfers``: a batch of records comes in; the answer says that they are durable."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from django.http import HttpRequest, HttpResponse

from waybill.access.tokens import Token
from waybill.collect.plan import MEBIBYTE
from waybill.console import figures
from waybill.console.body import read_body
from waybill.console.problems import Refusal
from waybill.console.process import process
from waybill.flow.intake.reception import Delivery

LINES = frozenset({"application/x-ndjson", "application/jsonl", "application/ndjson"})
FORMATS = sorted({*LINES, "application/json", "text/csv", "text/plain", "application/octet-stream"})
LARGEST = 2**63 - 1


def send(request: HttpRequest) -> HttpResponse:
    """Keep a batch of records of one source; 200 means that all of them are durable.

    The body is NDJSON (one JSON object a line), or any format that a mapping reads, packed with gzip or zstd if
    Content-Encoding says so. Batches of an agent are numbered: the same number with the same batch is answered alike
    and stores nothing twice, so whoever got no answer sends again. On 429 and 503, wait as Retry-After says, then do
    so.
    """
    token: Token = request.auth  # type: ignore[attr-defined]  # ninja sets it
    sequence, lines = _sequence(request), _is_lines(request)
    here = process()
    most = here.installation.settings.max_batch_mb * MEBIBYTE
    with here.reception.admission.admit(token.id) as claim:
        content = read_body(request, here.reception.limits, most, claim)
        receipt = here.reception.receive(
            Delivery(
                token=token,
                agent=request.headers.get("Waybill-Agent", token.name),
                sequence=sequence,
                content=content,
                lines=lines,
                mapping=request.GET.get("mapping", ""),
                source=request.GET.get("source", ""),
            )
        )
    figures.RECORDS.labels("accepted").inc(receipt.accepted)
    figures.RECORDS.labels("rejected").inc(receipt.rejected)
    return HttpResponse(msgspec.json.encode(receipt), content_type="application/json")


def _sequence(request: HttpRequest) -> int:
    said = request.headers.get("Waybill-Sequence", "")
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:20]) <= LARGEST and len(said) < 20):
        raise Refusal(
            HTTPStatus.BAD_REQUEST,
            "the batch has no number",
            where="header Waybill-Sequence",
            expected="1 for the first batch of this agent, then one more each time",
        )
    return int(said)


def _is_lines(request: HttpRequest) -> bool:
    said = (request.content_type or "application/octet-stream").casefold()
    if said not in FORMATS:
        what, expected = "this is no format of logs", ", ".join(FORMATS)
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, what, where=said[:100], expected=expected)
    return said in LINES
