from __future__ import annotations

import pytest

from orderopt.models.consistency import find_inconsistencies
from orderopt.stages.plan import plan
from orderopt.testing.features import FEATURES
from orderopt.testing.generate import generate_snapshot


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_changes_the_plant_and_the_tables_still_fit_together(name: str) -> None:
    with_it = generate_snapshot(60, seed=1, features=[name])
    assert with_it != generate_snapshot(60, seed=1)
    assert find_inconsistencies(with_it) == []


@pytest.mark.parametrize("features", [*([name] for name in FEATURES), list(FEATURES)], ids="+".join)
@pytest.mark.parametrize("strategy", ["dispatch", "auto"])
def test_plants_with_features_are_planned(features: list[str], strategy: str) -> None:
    plant = generate_snapshot(30, seed=2, features=features)
    made = plan(plant, strategy=strategy, time_limit=2.0, workers=1)
    assert made.summary.counts["lines_unserved"] == 0


def test_a_feature_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no feature is called 'x'; there are: forbidden"):
        generate_snapshot(5, features=["x"])
