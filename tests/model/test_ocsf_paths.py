"""The standards our columns and words point to really have what we say they have."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ocsf_json_schema import get_ocsf_schema

from waybill.model.transfers import COLUMNS, Column
from waybill.model.words import Severity

SCHEMA: dict[str, Any] = get_ocsf_schema("1.8.0")

WITH_OCSF = [column for column in COLUMNS if column.ocsf]
WITH_EPCIS = [column for column in COLUMNS if column.epcis]


def classes_with(path: str) -> list[str]:
    """Return the OCSF event classes in which a dotted attribute path exists; arrays are looked through."""
    return [name for name, event in SCHEMA["classes"].items() if leads_somewhere(event["attributes"], path)]


def leads_somewhere(attributes: dict[str, Any], path: str) -> bool:
    """Return whether a dotted path can be followed from these attributes through the objects they hold."""
    name, _, rest = path.partition(".")
    if name not in attributes:
        return False
    kind = attributes[name].get("object_type")
    return not rest or (kind is not None and leads_somewhere(SCHEMA["objects"][kind]["attributes"], rest))


@pytest.mark.parametrize("column", WITH_OCSF, ids=lambda column: column.name)
def test_ocsf_has_the_attribute_a_column_points_to(column: Column) -> None:
    assert classes_with(column.ocsf), f"OCSF 1.8.0 has no {column.ocsf} in any class"


def test_a_path_that_ocsf_does_not_have_is_noticed() -> None:
    assert not classes_with("query_result.count")
    assert not classes_with("actor.user.name.first")


def test_severities_and_outcomes_have_the_numbers_of_ocsf() -> None:
    attributes = SCHEMA["classes"]["file_hosting"]["attributes"]
    for severity in Severity:
        assert attributes["severity_id"]["enum"][str(severity.number)]["caption"].lower() == severity
    assert attributes["status_id"]["enum"]["1"]["caption"] == "Success"
    assert attributes["status_id"]["enum"]["2"]["caption"] == "Failure"
    assert attributes["disposition_id"]["enum"]["2"]["caption"] == "Blocked"


def property_names(schema: Any) -> Iterator[str]:
    """Yield the name of every property that a JSON Schema speaks of."""
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name == "properties" and isinstance(value, dict):
                yield from value
            yield from property_names(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from property_names(value)


@pytest.mark.oracle
def test_epcis_has_the_terms_a_column_points_to() -> None:
    corpora = os.environ.get("WAYBILL_CORPORA")
    if not corpora:
        pytest.skip("WAYBILL_CORPORA is not set: the EPCIS 2.0 schema of GS1 is outside data")
    schema = json.loads(Path(corpora, "epcis/gs1/EPCIS-JSON-Schema.json").read_bytes())
    known = set(property_names(schema))
    missing = {column.name: column.epcis for column in WITH_EPCIS if not set(column.epcis.split(".")) <= known}
    assert not missing, f"not in the EPCIS 2.0 JSON schema: {missing}"
