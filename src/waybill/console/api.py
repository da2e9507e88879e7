"""The operations of the API: what each takes and gives, and which scope it asks of a token."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema

from waybill import __version__
from waybill.access.scopes import Scope
from waybill.console import problems
from waybill.console.assessing import Plan, assessing
from waybill.console.bearer import Bearer
from waybill.console.custody_routes import custody_router
from waybill.console.describing import header, json_of, query, raw_body, ref_to, schemas, told
from waybill.console.ingest import FORMATS, send
from waybill.console.reading import FindingPage, Handled, Standings, TransferPage, finding, findings, sources, transfers
from waybill.flow.intake.reception import Receipt
from waybill.model.errors import WaybillError
from waybill.rulebook.telling import ToldAssessment


class Api(NinjaAPI):
    """The API, whose description names the types that answers are made of."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the description in OpenAPI."""
        described = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        described["components"]["schemas"] |= schemas(
            Receipt, Standings, Handled, FindingPage, TransferPage, Plan, ToldAssessment
        )
        return described


api = Api(
    title="Waybill",
    version=__version__,
    description="Sends records in, and reads transfers, findings and how sources stand.",
    docs_url=None,
    urls_namespace="api",
)


def _giving(type_: Any, meaning: str, *problems: int) -> dict[str, Any]:
    return {"responses": {200: json_of(type_, meaning), **told(401, 403, *problems)}}


_SENDING = {
    **_giving(Receipt, "All records are durable", 400, 409, 411, 413, 415, 429, 503),
    "parameters": [
        header("Waybill-Sequence", "Number of the batch, from 1, one higher for each.", required=True),
        header("Waybill-Agent", "Name of the sender, a-z, 0-9 and .-_; that of the token if not said."),
        query("mapping", "Name of the mapping that reads it; recognised by the content if not said."),
        query("source", "Name of the source; the token's only one, or the mapping's, if not said."),
    ],
    "requestBody": raw_body(FORMATS),
}

_ASSESSING = {
    **_giving(ToldAssessment, "What each regime says", 400, 411, 413, 415),
    "requestBody": {"required": True, "content": {"application/json": {"schema": ref_to(Plan)}}},
}

_sends, _reads, _reads_all = Bearer(Scope.INGEST), Bearer(Scope.READ), Bearer(Scope.READ, unbounded=True)

api.post("/transfers", auth=_sends, summary="Send a batch", openapi_extra=_SENDING)(send)
api.get("/transfers", auth=_reads, summary="Transfers", openapi_extra=_giving(TransferPage, "A page", 400))(transfers)
api.get("/findings", auth=_reads, summary="Findings", openapi_extra=_giving(FindingPage, "A page", 400))(findings)
api.get("/findings/{id}", auth=_reads, summary="One finding", openapi_extra=_giving(Handled, "It", 404))(finding)
api.get("/sources", auth=_reads_all, summary="How agents stand", openapi_extra=_giving(Standings, "Every one"))(sources)

api.post("/assessments", auth=_reads, summary="May this transfer happen?", openapi_extra=_ASSESSING)(assessing)

api.add_router("/epcis/v2", custody_router(_sends, _reads_all, Bearer(Scope.RECORD, unbounded=True)))

api.add_exception_handler(WaybillError, problems.of_error)
api.add_exception_handler(Exception, problems.of_error)


@api.exception_handler(ValidationError)
def _misused(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Tell the first parameter that cannot be read; what it held is not repeated."""
    first = error.errors[0]
    where, expected = str(first["loc"][-1]), str(first["msg"])
    return problems.problem(HTTPStatus.BAD_REQUEST, "a parameter is wrong", where=where, expected=expected)
