"""Reports of progress: counted once, in any order, for the lines that they are for."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderopt.errors import GuardError
from orderopt.models.life.progress import Report, ReportKind
from orderopt.models.life.seen import SeenIds
from orderopt.models.life.states import SupplyState
from orderopt.stages.track.report import ReportProgress, Taken
from orderopt.stages.track.share_out import share_out

from .shop import DAY, NOON, Shop


def test_good_quantity_counts_for_the_lines_by_peg_and_the_rest_goes_to_stock(shop):
    shop.order("O-1", (6,))
    shop.order("O-2", (4,))
    shop.supply("M-1", 12, (("O-1", "10", 6), ("O-2", "10", 4)))
    shop.report(good=7, scrap=1)
    assert (shop.counts("O-1").produced, shop.counts("O-2").produced) == (6, 1)
    shop.report(good=5, kind="finished")
    assert (shop.counts("O-1").produced, shop.counts("O-2").produced) == (6, 4)
    assert shop.stock().in_inspection == 2
    assert shop.made().state is SupplyState.DONE


def test_the_same_report_again_changes_nothing_and_with_other_content_is_refused(shop):
    shop.order()
    shop.supply()
    assert shop.report(name="A-1", good=4) is Taken.COUNTED
    version = shop.made().version
    assert shop.report(name="A-1", good=4) is Taken.REPEATED
    assert (shop.counts().produced, shop.made().version) == (4, version)
    with pytest.raises(GuardError, match="REPORT_DIFFERS"):
        shop.report(name="A-1", good=5)


def test_a_correction_opens_again_what_was_done(shop):
    shop.order()
    shop.supply()
    shop.report(good=10, kind="finished")
    assert shop.made().state is SupplyState.DONE
    shop.now += DAY
    shop.report(good=-3)
    assert shop.made().state is SupplyState.IN_PROGRESS
    assert (shop.counts().produced, shop.made().to_come) == (7, 3)


def test_what_ends_short_leaves_the_rest_of_the_line_without_a_source(shop):
    shop.order()
    shop.supply()
    shop.report(good=8, scrap=2, kind="finished", reason="CRACK")
    assert shop.made().state is SupplyState.DONE
    assert shop.counts().allocated == 8
    shop.report(good=1)
    assert shop.counts().allocated == 9


def test_or_it_stays_open_for_the_rest_if_the_company_wants_that():
    shop = Shop(under_production="stay_open")
    shop.order()
    shop.supply()
    shop.report(good=8, kind="finished")
    assert shop.made().state is SupplyState.IN_PROGRESS
    assert shop.counts().allocated == 10


def test_what_is_made_too_much_may_go_to_the_lines_as_far_as_they_may_be_exceeded():
    shop = Shop(over_production="line", over="0.15")
    shop.order()
    shop.supply()
    shop.report(good=13)
    assert shop.counts().produced == 11
    assert shop.stock().in_inspection == 2


def test_only_the_last_step_makes_and_every_step_loses(shop):
    from orderopt.models.item import Item, Operation
    from orderopt.stages.master import PutMaster

    steps = [Operation(item_id="CHAIR", unit_id="PLANT", op_no=op_no, resource_id="SAW") for op_no in (10, 20)]
    shop.do(PutMaster(records=(Item(item_id="CHAIR"), *steps)))
    shop.order()
    shop.supply()
    shop.report(op_no=10, good=9, scrap=1, kind="finished")
    assert (shop.made().done, shop.made().scrapped, shop.counts().scrapped) == (0, 1, 1)
    assert shop.made().state is SupplyState.IN_PROGRESS
    shop.report(op_no=20, good=9, kind="finished")
    assert (shop.counts().produced, shop.made().state) == (9, SupplyState.DONE)
    assert {name: course.good for name, course in shop.made().progress.steps.items()} == {"10": 9, "20": 9}


def test_a_move_takes_from_where_it_comes_and_needs_no_inspection(shop):
    from orderopt.models.life.happened.stock import StockMoved
    from orderopt.models.life.stock_ledger import StockLedger

    from .shop import Lay

    there = StockMoved(item_id="CHAIR", site="FAR", on_hand=20)
    shop.do(Lay(kind=StockLedger, key="CHAIR@FAR", facts=(there,)))
    shop.order()
    shop.supply("T-1", 10, kind="move", source_id="FAR")
    shop.report("T-1", kind="started")
    assert shop.stock(site="FAR").on_hand == 10
    shop.report("T-1", kind="finished", good=8, scrap=1)
    assert shop.stock(site="FAR").on_hand == 11
    assert (shop.counts().produced, shop.counts().qc_passed) == (8, 8)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"at": NOON + DAY}, "REPORT_FROM_LATER"),
        ({"kind": "delayed"}, "NO_DATE"),
    ],
)
def test_reports_that_cannot_be_are_refused(shop, said, code):
    shop.order()
    shop.supply()
    with pytest.raises(GuardError, match=code):
        shop.report(**said)
    assert shop.made().progress.whole.started_at is None


def test_what_is_not_released_cannot_have_begun(shop):
    shop.order()
    shop.supply(released=False)
    with pytest.raises(GuardError, match="NOT_RELEASED"):
        shop.report(good=1)


reports = st.lists(
    st.builds(
        lambda number, kind, hours, good, scrap, rework, op_no: Report(
            source="mes",
            report_id=f"R-{number:03}",
            kind=kind,
            happened_at=NOON - timedelta(hours=hours),
            good=good,
            scrap=scrap,
            rework=rework,
            op_no=op_no,
            reason="JAM" if kind is ReportKind.STOPPED else None,
            expected_at=NOON + timedelta(days=hours) if kind is ReportKind.DELAYED else None,
        ),
        st.integers(1, 999),
        st.sampled_from(ReportKind),
        st.integers(0, 5),
        st.integers(-4, 8),
        st.integers(-2, 3),
        st.integers(-2, 3),
        st.none() | st.just(7),
    ),
    max_size=7,
    unique_by=lambda report: report.report_id,
)


def _tell(told, **policy):
    shop = Shop(**policy)
    shop.order("O-1", (6,))
    shop.order("O-2", (4,))
    shop.supply("M-1", 12, (("O-1", "10", 6), ("O-2", "10", 4)))
    for report in told:
        shop.do(ReportProgress(supply_id="M-1", report=report))
    made = shop.made()
    course = made.progress.model_dump(exclude={"seen": {"recent"}})
    dates = [shop.case(name).line("10").dates for name in ("O-1", "O-2")]
    stock = shop.stock().model_dump(exclude={"version"})
    return course, made.state, made.credits, made.to_stock, shop.counts("O-1"), shop.counts("O-2"), stock, dates


@given(
    reports,
    st.data(),
    st.sampled_from(["stock", "line"]),
    st.sampled_from(["close_short", "stay_open"]),
)
def test_any_order_of_arrival_with_repeats_ends_the_same(told, data, over, under):
    policy = {"over_production": over, "under_production": under, "over": "0.5"}
    shuffled = data.draw(st.permutations(told))
    repeats = data.draw(st.lists(st.sampled_from(told), max_size=3)) if told else []
    assert _tell([*shuffled, *repeats], **policy) == _tell(told, **policy)


@given(st.lists(st.integers(0, 20), max_size=8), st.lists(st.integers(0, 6), max_size=4))
def test_sharing_out_depends_on_the_total_alone_and_loses_nothing(totals, rooms):
    rooms = [Decimal(room) for room in rooms]
    places, rest = [Decimal(0)] * len(rooms), Decimal(0)
    for total in totals:
        places, rest = share_out(Decimal(total), rooms, places, rest)
        assert sum(places, rest) == total
        assert (places, rest) == share_out(Decimal(total), rooms, [Decimal(0)] * len(rooms), Decimal(0))


@given(st.lists(st.from_regex(r"\A[ab-]{0,2}[0-9]{0,3}\Z"), max_size=30))
def test_ids_that_were_seen_are_known_exactly(names):
    seen = SeenIds()
    for place, name in enumerate(names):
        assert (name in seen) == (name in names[:place])
        if name not in seen:
            seen = seen.with_id(name, "")
    assert all(name in seen for name in names)
    assert not any(f"{name}0" in seen for name in names if f"{name}0" not in names)


def test_a_thousand_numbered_ids_take_one_run():
    seen = SeenIds()
    for number in range(1000):
        seen = seen.with_id(f"R-{(number * 7) % 1000:04}", "")
    assert seen.runs == {"4:R-": ((0, 999),)}
