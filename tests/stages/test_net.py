from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.properties.hand_made import at, fixed, line, plant, step

from orderopt.models.network import Lane, ProductionUnit, Receipt, Stock
from orderopt.models.order import Order
from orderopt.models.result import SourceType
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.net import by_urgency, may_take, net, running_jobs
from orderopt.stages.supply import Ledger

D = Decimal


def netted(snapshot: Snapshot) -> tuple[list[tuple[str, str, str | None, Decimal]], list[tuple[str, Decimal]]]:
    """Return (line, source type, source, quantity) of what is served, and what is left."""
    made = Plant(snapshot)
    result = net(made, Ledger(made))
    parts = [(part.line.order_id, str(part.source_type), part.source_id, part.quantity) for part in result.parts]
    return parts, [(each.order_id, quantity) for each, quantity in result.rest]


def stocked(*lines: Any, on_hand: int = 10, **more: Any) -> Snapshot:
    return plant(lines, stock=[Stock(item_id="P", on_hand=on_hand, site="S")], **more)


def test_stock_goes_to_the_urgent_lines_first() -> None:
    snapshot = stocked(line("A", 6, due=1), line("B", 6, due=2), line("C", 4, due=3))
    assert netted(snapshot) == ([("A", "stock", "S", 6), ("C", "stock", "S", 4)], [("B", 6)])
    urgent = [Order(order_id=name, customer_id="K", priority=2 if name == "B" else 1) for name in "ABC"]
    assert netted(snapshot.replace(orders=urgent))[0] == [("B", "stock", "S", 6), ("C", "stock", "S", 4)]


def test_lines_of_equal_priority_and_date_go_by_name() -> None:
    made = Plant(stocked(line("B", 1, due=1), line("A", 1, due=1)))
    assert [each.order_id for each in by_urgency(made)] == ["A", "B"]


def test_a_line_that_may_split_takes_what_is_there_and_leaves_the_rest() -> None:
    assert netted(stocked(line("A", 12, due=1, may_split=True))) == ([("A", "stock", "S", 10)], [("A", 2)])
    assert netted(stocked(line("A", 12, due=1))) == ([], [("A", 12)])


def test_no_part_is_smaller_than_the_line_allows_and_neither_is_what_is_left() -> None:
    wanted = line("A", 12, due=1, may_split=True, min_split=5)
    assert not may_take(wanted, D(12), D(4))
    assert not may_take(wanted, D(12), D(8))  # 4 would be left
    assert may_take(wanted, D(12), D(7))
    assert may_take(wanted, D(12), D(12))
    assert not may_take(wanted, D(12), D(0))
    assert may_take(line("A", 12, due=1), D(12), D(12))
    assert not may_take(line("A", 12, due=1), D(12), D(11))


def test_what_would_be_late_is_left_for_the_allocation_to_weigh() -> None:
    receipts = [Receipt(receipt_id="R", item_id="P", quantity=3, available_at=at(5))]
    assert netted(plant([line("A", 3, due=4)], receipts=receipts)) == ([], [("A", 3)])
    assert netted(plant([line("A", 3, due=5)], receipts=receipts)) == ([("A", "receipt", "R", 3)], [])


def test_a_line_counts_the_way_and_takes_the_lane_that_costs_least_lateness_counted() -> None:
    lanes = [
        Lane(origin="S", destination="D", mode="sea", lead_time_hours=9, cost_fixed=1),
        Lane(origin="S", destination="D", mode="air", lead_time_hours=1, cost_fixed=100),
    ]
    for due, mode in ((10, "sea"), (7, "air")):
        made = Plant(stocked(line("A", 3, due=due, destination="D"), lanes=lanes))
        (part,) = net(made, Ledger(made)).parts
        assert part.lane.mode == mode


def test_a_supply_from_which_no_lane_leads_is_not_taken() -> None:
    assert netted(stocked(line("A", 3, due=9, destination="D"))) == ([], [("A", 3)])


def test_the_release_of_a_line_delays_its_stock() -> None:
    assert netted(stocked(line("A", 3, due=4, release_at=at(5)))) == ([], [("A", 3)])


def begun(*lines: Any, steps: int = 1, quality: str = "1", **task: Any) -> Snapshot:
    routing = [step("U1", 10, op_no=10 * (number + 1)) for number in range(steps)]
    return plant(
        lines,
        routing,
        production_units=[ProductionUnit(unit_id="U", quality=quality)],
        fixed_tasks=[fixed(-1, 1, **task)],
    )


def test_a_running_job_serves_the_line_it_is_for_before_all_others() -> None:
    lines = (line("A", 4, due=1), line("B", 4, due=99))
    parts, rest = netted(begun(*lines, quantity=4, order_id="B", line_no="1"))
    assert parts == [("B", "unit", "U", 4)]
    assert rest == [("A", 4)]


def test_what_a_running_job_makes_too_much_is_left_for_others() -> None:
    lines = (line("A", 4, due=9), line("B", 4, due=99))
    parts, rest = netted(begun(*lines, quantity=10, order_id="B", line_no="1", quality="0.8"))
    assert parts == [("B", "unit", "U", 4), ("A", "unit", "U", 4)]
    assert rest == []


def test_a_running_job_for_a_cancelled_order_is_a_supply_like_any_other() -> None:
    snapshot = begun(line("A", 4, due=9), line("B", 4, due=9), quantity=4, order_id="B", line_no="1")
    orders = [Order(order_id="A", customer_id="K"), Order(order_id="B", customer_id="K", status="cancelled")]
    parts, rest = netted(snapshot.replace(orders=orders))
    assert [(name, quantity) for name, _, _, quantity in parts] == [("A", 4)]
    assert rest == []


def test_a_job_whose_last_step_is_still_open_ends_nobody_knows_when() -> None:
    made = Plant(begun(line("A", 4, due=9), quantity=4, steps=2))
    (job,) = running_jobs(made)
    assert [each.op_no for each in job.steps] == [10, 20]
    assert job.supply.available == FOREVER
    (done,) = running_jobs(Plant(begun(line("A", 4, due=9), quantity=4, steps=2, op_no=20)))
    assert ([each.op_no for each in done.steps], done.supply.available) == ([20], 60)


def test_a_running_job_that_makes_too_little_for_a_whole_line_does_not_serve_it() -> None:
    parts, rest = netted(begun(line("A", 5, due=9), quantity=4, order_id="A", line_no="1"))
    assert (parts, rest) == ([], [("A", 5)])
    split = begun(line("A", 5, due=9, may_split=True), quantity=4, order_id="A", line_no="1")
    assert netted(split) == ([("A", str(SourceType.UNIT), "U", 4)], [("A", 1)])
