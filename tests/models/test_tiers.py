from __future__ import annotations

import pytest
from pydantic import ValidationError

from orderopt.models.policy import TERMS, Policy
from orderopt.models.tiers import Tier, parse_tiers

KNOWN = ("a", "b", "c", "d")


def test_terms_that_are_not_named_come_last_and_together() -> None:
    assert parse_tiers("b > a : 30%", KNOWN) == (Tier(("b",)), Tier(("a",), 0.3), Tier(("c", "d")))
    assert parse_tiers("a+b+c+d", KNOWN) == (Tier(KNOWN),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a > x", "'x' is no term"),
        ("a > b + a", "'a' is named twice"),
        ("a > > b", "'' is no term"),
        ("a: most", "'a: most' is no tier"),
        ("a: 60% > b: 50%", "more than 100 %"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_tiers(text, KNOWN)


def test_the_usual_tiers_name_every_term_and_count_only_where_they_are_asked_for() -> None:
    weighted = Policy(horizon_start="2026-01-05T00:00Z")
    assert weighted.ranked_terms() == (Tier(TERMS),)
    ranked = weighted.model_copy(update={"objective": "lexicographic"}).ranked_terms()
    assert sorted(term for tier in ranked for term in tier.terms) == sorted(TERMS)
    assert ranked[0] == Tier(("unserved",))


def test_a_setting_with_wrong_tiers_is_refused() -> None:
    with pytest.raises(ValidationError, match="'speed' is no term of the objective"):
        Policy(horizon_start="2026-01-05T00:00Z", tiers="speed > setup")
