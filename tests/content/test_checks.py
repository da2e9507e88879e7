"""Rules of kinds against values whose check digits are published or counted by another way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.content.checking import NAMES, check, rule_number
from waybill.content.siphash import hash_spans, key_of
from waybill.model.errors import RuleError, UsageError


def _holds(rule: str, text: str) -> bool:
    data = np.frombuffer(text.encode(), np.uint8)
    letters = np.zeros(120, np.uint8)
    kept = [letter for letter in text.encode() if chr(letter).isalnum()]
    letters[: len(kept)] = kept
    return bool(check(rule_number(rule), letters, len(kept), data, np.array([0, len(data)], np.int64)))


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ("luhn", "79927398713", "79927398710"),
        ("luhn", "4556737586899855", "4556737586899856"),
        ("resident_identity", "11010519491231002X", "110105194912310021"),
        ("resident_identity", "440524188001010014", "440524188001320014"),
        ("vehicle_identification", "1M8GDM9AXKP042788", "1M8GDM9A1KP042788"),
        ("iban", "GB82WEST12345698765432", "GB82WEST12345698765433"),
        ("iban", "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 01"),
        ("expanded_luhn", "US0378331005", "US0378331006"),
        ("legal_entity", "7ZW8QJWVPR4P1J1KQY45", "7ZW8QJWVPR4P1J1KQY46"),
        ("container", "CSQU3054383", "CSQU3054384"),
        ("ship", "9074729", "9074728"),
        ("chemical", "7732185", "7732184"),
        ("chemical", "64175", "64176"),
        ("trade_item", "4006381333931", "4006381333932"),
        ("health_service", "9434765919", "9434765918"),
        ("verhoeff", "234123412346", "234123412347"),
        ("singapore", "S1234567D", "S1234567E"),
        ("spanish", "12345678Z", "12345678A"),
        ("spanish", "X1234567L", "X1234567M"),
        ("pesel", "44051401359", "44051401358"),
        ("cpf", "52998224725", "52998224724"),
        ("australian_business", "51824753556", "51824753557"),
        ("australian_company", "004085616", "004085617"),
        ("hong_kong_identity", "G123456A", "G1234561"),
        ("taiwan_identity", "A123456789", "A123456788"),
        ("routing", "111000025", "111000026"),
        ("provider", "1234567893", "1234567894"),
        ("equipment", "490154203237518", "490154203237519"),
        ("german_tax", "86095742719", "86095742718"),
        ("italian_tax", "RSSMRA85T10A562S", "RSSMRA85T10A562T"),
        ("french_social_security", "255081416802538", "255081416802539"),
        ("my_number", "123456789018", "123456789019"),
        ("social_security", "219-09-7777", "219-00-7777"),
        ("ipv4", "192.0.2.255", "192.0.2.256"),
    ],
)
def test_published_values_keep_their_rule(rule: str, right: str, wrong: str) -> None:
    assert _holds(rule, right)
    assert not _holds(rule, wrong)


def test_every_rule_can_be_asked_by_its_name() -> None:
    assert len(set(NAMES)) == len(NAMES)
    with pytest.raises(RuleError, match="no such check"):
        rule_number("palmistry")


@given(st.integers(min_value=0, max_value=10**15))
def test_one_of_ten_last_digits_keeps_luhns_rule(number: int) -> None:
    body = f"1{number:015d}"
    assert sum(_holds("luhn", f"{body}{last}") for last in range(10)) == 1


_VECTORS = [
    *("310e0edd47db6f72", "fd67dc93c539f874", "5a4fa9d909806c0d", "2d7efbd796666785", "b7877127e09427cf"),
    *("8da699cd64557618", "cee3fe586e46c9cb", "37d1018bf50002ab", "6224939a79f5f593"),
]
"""Of the reference implementation: the messages 00, 00 01, 00 01 02 … under the key 00 01 … 0f."""


def test_siphash_gives_the_reference_vectors() -> None:
    from waybill.content.siphash import hash_text

    key, state = key_of(bytes(range(16))), np.empty(4, np.uint64)
    with np.errstate(over="ignore"):
        found = [
            int(hash_text(np.arange(size, dtype=np.uint8), size, key.low, key.high, state)).to_bytes(8, "little").hex()
            for size in range(len(_VECTORS))
        ]
    assert found == _VECTORS


def test_values_are_hashed_as_they_are_compared() -> None:
    data = b"6222 0000-1|622200001|A.b@example.org|ab@EXAMPLE.org"
    ends = [at for at, letter in enumerate(data + b"|") if letter == ord("|")]
    spans = np.array(list(zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True)), np.int64)
    one, two, three, four = hash_spans(np.frombuffer(data, np.uint8), spans, key_of(bytes(16))).tolist()
    assert one == two
    assert three == four
    assert one != three


def test_a_key_has_sixteen_bytes() -> None:
    with pytest.raises(UsageError, match="16 bytes"):
        key_of(b"short")
