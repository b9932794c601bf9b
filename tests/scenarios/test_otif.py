"""On time in full: cumulative quantities by the day, by line and by order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from orderopt.stages.track.service import Basis, Demand, measure_service

DUE = datetime(2026, 3, 10, 9, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def line(wanted, *deliveries, order="O-1", least=None, due=DUE):
    came = tuple((datetime(2026, 3, day, 17, tzinfo=UTC), Decimal(quantity)) for day, quantity in deliveries)
    return Demand(order, Decimal(wanted), Decimal(wanted if least is None else least), due, came)


def test_the_scenario_otif():
    level = measure_service([line(100, (9, 60), (10, 40)), line(50, (12, 50))], Basis.REQUESTED, ZONE)
    assert level.line_otif == Decimal("0.5")
    assert level.order_otif == 0
    assert round(level.unit_on_time, 3) == Decimal("0.667")
    assert level.line_fill == Decimal("0.5")


def test_a_tolerance_makes_a_line_full_but_no_unit_of_it():
    level = measure_service([line(100, (10, 98), least=97)], Basis.LAST_PROMISE, ZONE)
    assert (level.line_otif, level.order_otif, level.unit_on_time) == (1, 1, Decimal("0.98"))


def test_more_than_was_wanted_does_not_make_up_for_less():
    level = measure_service([line(10, (9, 20)), line(10, order="O-2")], Basis.REQUESTED, ZONE)
    assert level.unit_on_time == Decimal("0.5")
    assert (level.line_otif, level.order_otif) == (Decimal("0.5"), Decimal("0.5"))


def test_the_day_is_that_of_the_zone():
    late = Demand("O", Decimal(1), Decimal(1), DUE, ((datetime(2026, 3, 10, 23, 30, tzinfo=UTC), Decimal(1)),))
    assert measure_service([late], Basis.REQUESTED, ZONE).line_otif == 1
    assert measure_service([late], Basis.REQUESTED, ZoneInfo("Asia/Taipei")).line_otif == 0


def test_nothing_has_no_rate():
    level = measure_service([], Basis.REQUESTED, ZONE)
    assert (level.num_lines, level.line_otif, level.unit_on_time) == (0, None, None)


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.lists(st.tuples(st.integers(7, 13), st.integers(1, 9)), max_size=3)), min_size=1
    )
)
def test_rates_are_shares_and_later_dates_never_lower_them(drawn):
    def measure(due):
        demands = [line(wanted, *sorted(came), order=f"O-{wanted}", due=due) for wanted, came in drawn]
        return measure_service(demands, Basis.REQUESTED, ZONE)

    early, late = measure(DUE), measure(DUE + timedelta(2))
    for name in ("line_otif", "order_otif", "unit_on_time", "line_fill"):
        assert 0 <= getattr(early, name) <= getattr(late, name) <= 1
