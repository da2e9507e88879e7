"""Stoichiometric factors come from atomic weights, and what is no formula is said to be none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.model.chemistry import ATOMIC_WEIGHTS, composition, conversion, known_composition, substance

SYMBOLS = sorted(ATOMIC_WEIGHTS)


@pytest.mark.parametrize(
    ("compound", "element", "factor"),
    [("Nd2O3", "Nd", 0.8574), ("Dy2O3", "Dy", 0.8713), ("Tb4O7", "Tb", 0.8502), ("Pr6O11", "Pr", 0.8277)],
)
def test_factors_are_those_of_the_trade(compound: str, element: str, factor: float) -> None:
    assert conversion(compound, element, element) == pytest.approx(factor, abs=5e-5)


def test_groups_hydrates_and_alloys_are_read() -> None:
    hydrate = composition("La2(CO3)3·8H2O")
    assert hydrate["La"] == pytest.approx(2 * 138.91 / (2 * 138.91 + 3 * (12.011 + 3 * 15.999) + 8 * 18.015), rel=1e-6)
    assert composition("Nd2Fe14B")["Nd"] == pytest.approx(0.2668, abs=1e-4)


@pytest.mark.parametrize(
    "text", ["", "concentrate", "(Nd", "Nd)", "2", "Xx2", "CO2)", "Nd2O3" * 30, "nd", "Nd 2", "()2"]
)
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="formula"):
        composition(text)
    assert known_composition(text) == {}


def test_only_a_shared_element_converts() -> None:
    with pytest.raises(ValueError, match="Dy"):
        conversion("Nd2O3", "Nd", "Dy")


def test_substances_go_by_formula_or_registry_number() -> None:
    assert substance("https://identifiers.org/cas:1313-97-9") == "Nd2O3"
    assert substance("https://example.org/substance/Tb4O7") == "Tb4O7"
    assert substance("https://example.org/unknown") == ""


@given(st.dictionaries(st.sampled_from(SYMBOLS), st.integers(1, 20), min_size=1, max_size=5))
def test_shares_add_up_and_converting_back_gives_the_same(atoms: dict[str, int]) -> None:
    formula = "".join(f"{symbol}{count}" for symbol, count in atoms.items())
    shares = composition(formula)
    assert sum(shares.values()) == pytest.approx(1)
    for element in atoms:
        back = conversion(formula, element, element) * conversion(element, formula, element)
        assert back == pytest.approx(1)
