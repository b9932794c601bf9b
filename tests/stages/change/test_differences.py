"""Another version of an order becomes amendments that lead from one to the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orderopt.models.life.amend import amend, fill_before
from orderopt.models.life.amendment import LineCancelled, QuantityAmended
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderHead, Party, build_case
from orderopt.stages.change.differences import find_differences

START = datetime(2026, 1, 5, tzinfo=UTC)


def head(**said):
    return OrderHead(order_id="O-1", channel="shop", customer_id="C-1", received_at=START, **said)


def line(line_no, quantity=10, item_id="A", days=9, **said):
    return OrderedLine(
        line_no=line_no, item_id=item_id, quantity=quantity, requested_at=START + timedelta(days=days), **said
    )


LINES = st.builds(
    lambda quantity, item, days, price: line("1", quantity, item, days, unit_price=price),
    st.integers(1, 20),
    st.sampled_from("AB"),
    st.integers(1, 9),
    st.none() | st.integers(1, 5).map(Decimal),
)
HEADS = st.builds(
    lambda terms, destination, name: head(terms=terms, destination=destination, party=Party(name=name)),
    st.sampled_from([None, "net30", "net60"]),
    st.sampled_from([None, "HAM"]),
    st.sampled_from([None, "Ann", "Bob"]),
)


@given(HEADS, LINES, HEADS, LINES)
def test_differences_lead_from_one_version_to_the_other(head_before, line_before, head_after, line_after):
    before = build_case(head_before, (line_before,))
    differences = find_differences(before, head_after, (line_after,))
    after = amend(before, differences)
    assert find_differences(after, head_after, (line_after,)) == ()
    assert fill_before(before, differences) == differences
    assert len({one.place for one in differences}) == len(differences)


def test_an_import_with_another_quantity_is_one_amendment():
    case = build_case(head(), (line("1", 10),))
    assert find_differences(case, head(), (line("1", 12),)) == (
        QuantityAmended(line_no="1", before=Decimal(10), after=Decimal(12)),
    )


def test_a_line_that_is_missing_is_cancelled_and_a_new_one_added():
    case = build_case(head(), (line("1"), line("2")))
    differences = find_differences(case, head(), (line("1"), line("3")))
    assert [one.kind for one in differences] == ["add_line", "cancel_line"]
    assert differences[1] == LineCancelled(line_no="2", before=Decimal(10))
    after = amend(case, differences)
    assert [(one.line_no, one.counts.open) for one in after.lines] == [("1", 10), ("2", 0), ("3", 10)]
