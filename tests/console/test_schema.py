"""Whatever is asked of the API, as it is described or otherwise, it never answers with a failure of its own."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import negative_data_rejection
from tests.console.conftest import Tokens
from tests.console.running import Service

FAILURE = 500


def ask_everything(service: Service, token: str, examples: int) -> int:
    """Ask every operation so often, half of it against its description; return how many answers came.

    That what breaks the description is refused is not asked: in an address, whatever is sent is a text.
    """
    schema = schemathesis.openapi.from_dict(service.get("/api/v1/openapi.json").json)
    answers = 0
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # raises what is wrong with the description
        for mode in schemathesis.GenerationMode:

            @settings(
                max_examples=examples,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                nonlocal answers
                answer = case.call(
                    base_url=f"http://127.0.0.1:{service.port}", headers={"Authorization": f"Bearer {token}"}
                )
                assert answer.status_code < FAILURE, case.as_curl_command()
                if answer.status_code < 300:
                    case.validate_response(answer, excluded_checks=[negative_data_rejection])
                answers += 1

            ask()
    return answers


def test_nothing_that_is_asked_makes_the_service_fail(service: Service, tokens: Tokens) -> None:
    assert ask_everything(service, tokens.make("ingest", "read", "record"), 4) > 20


@pytest.mark.soak
def test_nothing_of_much_that_is_asked_makes_the_service_fail(service: Service, tokens: Tokens) -> None:
    assert ask_everything(service, tokens.make("ingest", "read", "record"), 500) > 2_000
