"""How well the scanner does on labelled sentences, and how far it agrees with the recogniser cases of Presidio."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from waybill.content import scan, scanner_for

LABELS = {
    "PHONE_NUMBER": ("phone", "phone.international", "cn.mobile", "cn.landline", "cn.hotline"),
    "US_SSN": ("us.ssn", "us.itin"),
    "EMAIL_ADDRESS": ("email",),
    "IBAN_CODE": ("iban",),
    "CREDIT_CARD": ("card", "cn.union-pay"),
    "IP_ADDRESS": ("ipv4", "ipv6"),
}
"""Types of ours by the labels of presidio-research."""

SHARED = {
    "aba_routing": ("us.aba-routing",),
    "au_abn": ("au.abn",),
    "au_acn": ("au.acn",),
    "au_medicare": ("au.medicare",),
    "au_tfn": ("au.tfn",),
    "ca_sin": ("ca.sin",),
    "credit_card": ("card", "cn.union-pay"),
    "crypto": ("btc", "btc-legacy"),
    "de_tax_id": ("de.tax-id",),
    "email": ("email",),
    "es_nie": ("es.nif",),
    "es_nif": ("es.nif",),
    "iban": ("iban",),
    "in_aadhaar": ("in.aadhaar",),
    "in_pan": ("in.pan",),
    "ip": ("ipv4", "ipv6"),
    "it_fiscal_code": ("it.fiscal-code",),
    "kr_rrn": ("kr.rrn",),
    "mac": ("mac",),
    "phone": ("phone", "phone.international", "cn.mobile", "cn.landline"),
    "pl_pesel": ("pl.pesel",),
    "sg_fin": ("sg.nric",),
    "uk_driving_licence": ("uk.driving-licence",),
    "uk_nhs": ("uk.nhs",),
    "uk_nino": ("uk.nino", "uk.nino-spaced"),
    "us_itin": ("us.itin",),
    "us_mbi": ("us.mbi",),
    "us_npi": ("us.npi",),
    "us_ssn": ("us.ssn",),
}
"""Types of ours by the recognisers of Presidio."""


class Quality(NamedTuple):
    """Spans of one label, counted as right only where both ends are."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Share of what is there that was found."""
        return self.right / max(1, self.right + self.missed)


def precision_and_recall(file: Path) -> dict[str, Quality]:
    """Return how well each label of a file of presidio-research is found."""
    label_of = {one: label for label, ours in LABELS.items() for one in ours}
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for sentence in json.loads(file.read_text("utf-8")):
        data = sentence["full_text"].encode()
        hits = scan(data)
        places = hits.characters(data)
        found = {(label_of[hit.type], at) for hit, at in zip(hits, places, strict=True) if hit.type in label_of}
        wanted = {
            (span["entity_type"], (span["start_position"], span["end_position"]))
            for span in sentence["spans"]
            if span["entity_type"] in LABELS
        }
        right.update(label for label, _ in found & wanted)
        wrong.update(label for label, _ in found - wanted)
        missed.update(label for label, _ in wanted - found)
    return {label: Quality(right[label], wrong[label], missed[label]) for label in LABELS}


def agreement(file: Path) -> tuple[int, int]:
    """Return how many of the cases of shared types come out as expected, and how many there are."""
    agreed, cases = 0, 0
    for line in file.read_text("utf-8").splitlines():
        case = json.loads(line)
        ours, arguments = SHARED.get(case["recognizer"].removesuffix("_recognizer")), case["args"]
        text = arguments.get("text", arguments.get("iban"))
        if ours and text is not None and "expected_len" in arguments:
            cases += 1
            agreed += _agrees(text, ours, arguments)
    return agreed, cases


def _agrees(text: str, ours: tuple[str, ...], arguments: dict[str, Any]) -> bool:
    """Return whether the same places are found; whether as many, where a case names no places."""
    data = text.encode()
    found = sorted(scanner_for(frozenset(ours), bare=True).scan(data, least=0.0).characters(data))
    if arguments["expected_len"] == 0:
        return not found
    places = arguments.get("expected_positions", arguments.get("expected_res"))
    if places is None and "expected_position" in arguments:
        places = [arguments["expected_position"]]
    return len(found) == arguments["expected_len"] if places is None else found == sorted(map(tuple, places))
