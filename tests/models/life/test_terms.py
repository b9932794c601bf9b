"""Payment terms as people write them, and what they mean for a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from orderopt.errors import InputError
from orderopt.models.life.terms import parse_terms

ISSUED = date(2026, 1, 15)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("net30", date(2026, 2, 14)),
        ("Net 30", date(2026, 2, 14)),
        ("30 days", date(2026, 2, 14)),
        ("n60", date(2026, 3, 16)),
        ("eom", date(2026, 1, 31)),
        ("net 30 eom", date(2026, 2, 28)),
        ("30 days end of month", date(2026, 2, 28)),
        ("2/10 net 30", date(2026, 2, 14)),
        ("2 % / 10, net 30", date(2026, 2, 14)),
        ("prepaid", ISSUED),
        ("due on receipt", ISSUED),
    ],
)
def test_a_text_gives_a_due_date(text, due):
    assert parse_terms(text).find_due(ISSUED) == due


def test_a_discount_has_a_share_and_an_end():
    terms = parse_terms("1.5/14 net 45")
    assert (terms.discount, terms.find_discount_end(ISSUED)) == (Decimal("0.015"), date(2026, 1, 29))
    assert parse_terms("net30").find_discount_end(ISSUED) is None


def test_only_prepaid_comes_before_the_goods():
    assert parse_terms("prepaid").prepaid
    assert not parse_terms("due on receipt").prepaid


@pytest.mark.parametrize("text", ["", "soon", "net", "30/60", "net -3"])
def test_what_nobody_understands_is_refused(text):
    with pytest.raises(InputError, match="write for example net30"):
        parse_terms(text)
