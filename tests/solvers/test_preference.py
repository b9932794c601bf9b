"""Preferences of sources as strategies see them."""

from __future__ import annotations

from fractions import Fraction

from tests.properties.hand_made import START, line, plant, step

from orderopt.models.network import Offer, ProductionUnit, Supplier
from orderopt.models.policy import Policy
from orderopt.solvers.compiled.plant import Plant


def test_criteria_that_are_not_known_of_a_source_are_left_out() -> None:
    units = [ProductionUnit(unit_id="U", usual_lead_days=1), ProductionUnit(unit_id="V", usual_per_week=9)]
    made = Plant(
        plant(
            [line("A", 1, due=9)],
            [step("U1", 30), step("V1", 30)],
            production_units=units,
            suppliers=[Supplier(supplier_id="Z", on_time_rate="0.9")],
            offers=[Offer(supplier_id="Z", item_id="P", lead_time_days=2, unit_price=3)],
        )
    )
    found = {name: made.preference("P", name, is_unit=name != "Z") for name in "UVZ"}
    # U is faster than Z, as reliable as V and more than Z; V is weaker than Z, which knows no limit
    assert found == {"U": Fraction(7, 8), "V": Fraction(3, 8), "Z": Fraction(1, 3)}


def test_a_weight_makes_what_a_source_lacks_cost() -> None:
    snapshot = plant(
        [line("A", 1, due=9)], [step("U1", 30)], production_units=[ProductionUnit(unit_id="U", preference="0.75")]
    )
    assert Plant(snapshot).dislike("P", "U", is_unit=True) == 0.0
    weighted = snapshot.replace(settings=Policy(horizon_start=START, weight_preference=8))
    assert Plant(weighted).dislike("P", "U", is_unit=True) == 2.0
