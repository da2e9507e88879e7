"""GS1's interface: conformance procedures TCR-53 and TCR-54 step by step; paging, jobs, queries, subscriptions."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest
from tests.console.conftest import Tokens
from tests.console.running import Answer, Service
from tests.epcis.chain import FACTORY, MAGNETS, ORE, document, event, whole_chain

BASE = "/api/v1/epcis/v2"


class Client:
    """Captures and asks with one token."""

    def __init__(self, service: Service, token: str) -> None:
        self._service = service
        self._token = token

    def capture(self, *events: dict[str, Any]) -> Answer:
        """Capture a document of these events."""
        return self.post("/capture", document(*events))

    def post(self, path: str, body: bytes, kind: str = "application/ld+json") -> Answer:
        """Send a body."""
        return self._service.request("POST", BASE + path, body, self._token, {"Content-Type": kind})

    def delete(self, path: str) -> Answer:
        """Ask to remove something."""
        return self._service.request("DELETE", BASE + path, b"", self._token, {})

    def get(self, path: str, **parameters: Any) -> Answer:
        """Ask."""
        asked = f"?{urlencode(parameters)}" if parameters else ""
        return self._service.get(BASE + path + asked, self._token)

    def times(self, **parameters: Any) -> set[str]:
        """Return the times of the events that a query finds."""
        answer = self.get("/events", perPage=1000, **parameters)
        assert answer.status == 200, answer.body
        return {one["eventTime"] for one in answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]}


@pytest.fixture(scope="module")
def client(service: Service, tokens: Tokens) -> Client:
    """Return a client that may capture and read."""
    return Client(service, tokens.make("ingest", "read", "record"))


def sensed(day: int, report: dict[str, Any], metadata: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return an event with one sensor report."""
    element = {"sensorReport": [report]} | ({"sensorMetadata": metadata} if metadata else {}) | more
    return event("ObjectEvent", day, action="OBSERVE", bizStep="sensor_reporting",
                 epcList=[f"urn:epc:id:sgtin:9521000.000030.S{day}"], sensorElementList=[element])  # fmt: skip


DEVICE, METHOD, RULES = (f"https://sensors.example/{name}" for name in ("device", "method", "rules"))
SET1 = [
    sensed(11, {"type": "Temperature", "value": 26.0, "uom": "CEL", "waybill:reading": "r1"},
           {"time": "2026-03-11T07:00:00Z", "deviceID": DEVICE, "dataProcessingMethod": METHOD, "bizRules": RULES,
            "waybill:level": 7}, **{"waybill:element": "e1"}),
    sensed(12, {"type": "Temperature", "minValue": 1, "maxValue": 5, "meanValue": 3, "sDev": 0.5, "percRank": 50,
                "percValue": 2.5, "uom": "CEL"},
           {"startTime": "2026-03-12T01:00:00Z", "endTime": "2026-03-12T02:00:00Z"}),
    sensed(13, {"type": "MassFraction", "value": 99.9, "uom": "P1", "chemicalSubstance": "https://substances.example/nd",
                "microorganism": "https://organisms.example/x"}),
    sensed(14, {"type": "Dimensionless", "stringValue": "calm", "booleanValue": True, "hexBinaryValue": "f0f0",
                "uriValue": "https://values.example/1"}),
    event("ObjectEvent", 15, action="OBSERVE", bizStep="inspecting", epcList=["urn:epc:id:sgtin:9521000.000030.NONE"]),
]  # fmt: skip


def day(number: int) -> str:
    """Return the time of the events of a day."""
    return f"2026-03-{number:02d}T08:00:00+08:00"


STEPS: list[tuple[int, dict[str, Any], set[int]]] = [
    (2, {"GE_eventTime": day(11), "LT_eventTime": day(16)}, {11, 12, 13, 14, 15}),
    (3, {"EXISTS_sensorElementList": "", "GE_eventTime": day(11), "LT_eventTime": day(16)}, {11, 12, 13, 14}),
    (4, {"GE_time": "2026-03-11T06:00:00Z", "LT_time": "2026-03-11T08:00:00Z"}, {11}),
    (4, {"GE_time": "2026-03-11T07:30:00Z", "LT_time": "2026-03-11T08:00:00Z"}, set()),
    (5, {"GE_startTime": "2026-03-12T00:00:00Z", "LT_startTime": "2026-03-12T02:00:00Z"}, {12}),
    (5, {"GE_endTime": "2026-03-12T00:00:00Z", "LT_endTime": "2026-03-12T02:00:00Z"}, set()),
    (6, {"EQ_type": "gs1:MassFraction", "GE_eventTime": day(11)}, {13}),
    (7, {"EQ_deviceID": DEVICE, "GE_eventTime": day(11), "LT_eventTime": day(16)}, {11}),
    (8, {"EQ_dataProcessingMethod": METHOD, "LT_eventTime": day(16)}, {11}),
    (9, {"EQ_microorganism": "https://organisms.example/x"}, {13}),
    (10, {"EQ_chemicalSubstance": "https://substances.example/nd"}, {13}),
    (11, {"EQ_bizRules": RULES}, {11}),
    (12, {"EQ_value_CEL": 26}, {11}),
    (12, {"GE_value_CEL": 26, "LT_value_CEL": 27}, {11}),
    (13, {"GE_minValue_CEL": 1, "LT_minValue_CEL": 2}, {12}),
    (14, {"GE_maxValue_CEL": 5, "LT_maxValue_CEL": 6}, {12}),
    (15, {"GE_meanValue_CEL": 3, "LT_meanValue_CEL": 4}, {12}),
    (16, {"EQ_stringValue": "calm"}, {14}),
    (17, {"EQ_booleanValue": "true"}, {14}),
    (18, {"EQ_hexBinaryValue": "f0f0"}, {14}),
    (19, {"EQ_uriValue": "https://values.example/1"}, {14}),
    (20, {"EQ_SENSORELEMENT_waybill:element": "e1"}, {11}),
    (21, {"GT_SENSORMETADATA_waybill:level": 6, "LE_SENSORMETADATA_waybill:level": 7}, {11}),
    (22, {"EQ_SENSORREPORT_waybill:reading": "r1"}, {11}),
    (23, {"GE_sDev_CEL": 0.5, "LT_sDev_CEL": 0.6}, {12}),
    (24, {"GE_percRank": 50, "LT_percRank": 51}, {12}),
    (25, {"GE_percValue_CEL": 2.5, "LT_percValue_CEL": 3}, {12}),
    (26, {"EQ_type": "gs1:Temperature", "GE_value_KEL": 299.15}, {11}),
]


def test_sensor_elements_are_captured_and_found_as_tcr_53_says(client: Client) -> None:
    assert client.capture(*SET1).status == 202
    for step, parameters, days in STEPS:
        assert client.times(**parameters) == {day(number) for number in days}, f"step {step}: {parameters}"
    inline = {"deviceID": DEVICE + "2", "dataProcessingMethod": METHOD + "2", "time": "2026-03-16T00:00:00Z"}
    assert client.capture(sensed(16, {"type": "Mass", "value": 1, "uom": "KGM"}, inline),
                          sensed(17, {"type": "Mass", "value": 1, "uom": "KGM"} | inline)).status == 202  # fmt: skip
    for name, value in inline.items():
        assert client.times(**{f"EQ_{name}": value}) == {day(16), day(17)}, "step 28"
    refused = client.capture(
        sensed(18, {"type": "Mass", "time": "2026-03-18T00:00:00Z"}, {"time": "2026-03-18T01:00:00Z"})
    )
    assert refused.status == 400, "step 29"
    assert refused.json["type"] == "epcisException:ValidationException"
    assert "event 1, sensorElementList[0].sensorReport[0].time" in refused.json["where"]
    assert client.times(GE_eventTime=day(18), LT_eventTime=day(19)) == set()


def test_association_events_are_captured_as_tcr_54_says(client: Client) -> None:
    def association(action: str, **more: Any) -> dict[str, Any]:
        return event("AssociationEvent", 19, action=action, bizStep="installing", **more)

    assert client.capture(association("ADD", parentID=FACTORY, childEPCs=["urn:epc:id:giai:9521000.D1"])).status == 202
    assert client.times(MATCH_parentID=FACTORY) == {day(19)}, "step 2"
    for action in ("ADD", "DELETE"):
        answer = client.capture(association(action, childEPCs=["urn:epc:id:giai:9521000.D1"]))
        assert (answer.status, answer.json["where"]) == (400, "event 1, parentID"), "step 3"
    for action in ("ADD", "OBSERVE"):
        answer = client.capture(association(action, parentID=FACTORY))
        assert (answer.status, answer.json["where"]) == (400, "event 1, childEPCs"), "step 4"


def test_a_document_is_a_job_and_the_same_again_adds_nothing(client: Client) -> None:
    first, again = client.capture(*whole_chain()), client.capture(*whole_chain())
    ids = [client.get(answer.headers["location"].removeprefix(BASE)).json["eventIDs"] for answer in (first, again)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 8
    found = client.get(f"/events/{quote(ids[0][0], safe='')}").json
    assert found["eventID"] == ids[0][0]
    assert found["ilmd"] == {"waybill:countryOfOrigin": "CN"}
    assert client.times(MATCH_epcClass=ORE) == {day(1)}
    assert client.times(MATCH_anyEPCClass=ORE) == {day(1), day(2)}
    assert client.times(MATCH_anyEPC="https://id.gs1.org/01/09521000000209/21/M1") == {day(8), day(9)}
    assert client.times(MATCH_outputEPC=MAGNETS[0]) == {day(8)}
    assert client.times(EQ_quantity_TNE=1) == {day(1), day(2)}, "quantities are converted too"


def test_one_event_is_posted_alone_and_a_broken_document_keeps_nothing(client: Client) -> None:
    alone = event("ObjectEvent", 20, action="OBSERVE", epcList=["urn:epc:id:giai:9521000.ALONE"])
    assert client.post("/events", msgspec.json.encode(alone)).status == 201
    whole = document(event("ObjectEvent", 21, action="OBSERVE", epcList=["urn:epc:id:giai:9521000.X"]))
    for broken in (whole[:-20], whole.replace(b"OBSERVE", b"SEEN"), b"<a/>", b"[1]", b'{"type":1}'):
        answer = client.post("/capture", broken)
        assert answer.status == 400, broken[:40]
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.times(GE_eventTime=day(21), LT_eventTime=day(22)) == set()
    assert client.post("/capture", whole, "text/csv").status == 415


def test_events_come_page_by_page_each_once(client: Client) -> None:
    path, seen = "/events?perPage=3&orderBy=eventTime&orderDirection=ASC", []
    while path:
        answer = client.get(path)
        seen += [one["eventID"] + str(one.get("errorDeclaration")) for one in
                 answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]  # fmt: skip
        link = answer.headers.get("link", "")
        path = link.partition(">")[0].removeprefix("<").removeprefix(BASE)
    assert len(seen) == len(set(seen)) > 6
    assert client.get("/events", maxEventCount=2).status == 413
    assert client.get("/events", nextPageToken="none").status == 400
    assert client.get("/events", perPage=0).status == 400


@pytest.mark.parametrize(
    "wrong", [{"GE_eventDate": day(1)}, {"GE_eventTime": "soon"}, {"EQ_action": "SHIPPED"}, {"GE_value_KEL": "warm"}]
)
def test_a_wrong_condition_is_never_passed_over(client: Client, wrong: dict[str, str]) -> None:
    answer = client.get("/events", **wrong)
    assert answer.status == 400
    assert next(iter(wrong)) in answer.json["where"]


def test_a_query_is_kept_under_a_name_and_subscriptions_go_only_where_settings_allow(client: Client) -> None:
    body = {"name": "ore", "query": {"MATCH_anyEPCClass": [ORE]}}
    assert client.post("/queries", msgspec.json.encode(body), "application/json").status == 201
    assert client.post("/queries", msgspec.json.encode(body), "application/json").status == 409
    assert client.get("/queries/ore").json == body
    wrong = {"name": "wrong", "query": {"EQ_nothing": 1}}
    assert client.post("/queries", msgspec.json.encode(wrong), "application/json").status == 400
    assert client.get("/queries/ore/events").status == 200
    dest = msgspec.json.encode({"dest": "http://169.254.169.254/latest"})
    assert client.post("/queries/ore/subscriptions", dest, "application/json").status == 403
    assert client.delete("/queries/ore").status == 204
    assert client.get("/queries/ore").status == 404


def test_names_are_listed_and_asked_by(client: Client) -> None:
    client.capture(event("ObjectEvent", 22, action="OBSERVE", bizStep="holding", epcList=["urn:epc:id:giai:9521000.H"]))
    assert "holding" in client.get("/bizSteps", perPage=1000).json["member"]
    assert client.get("/bizSteps/holding/events").status == 200
    item = quote("https://id.gs1.org/8004/9521000H", safe="")
    found = client.get(f"/epcs/{item}/events").json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert [one["bizStep"] for one in found] == ["holding"]
    assert client.get("/nothing").status == 404


def test_tokens_say_who_may_capture(service: Service, tokens: Tokens) -> None:
    for scopes, sources, status in (
        (("read",), (), 403),
        (("ingest",), ("proxy",), 403),
        (("ingest",), ("epcis",), 202),
    ):
        asked = Client(service, tokens.make(*scopes, sources=sources))
        answer = asked.capture(event("ObjectEvent", 23, action="OBSERVE", epcList=["urn:epc:id:giai:9521000.T"]))
        assert answer.status == status
