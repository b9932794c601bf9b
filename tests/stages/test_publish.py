from __future__ import annotations

from decimal import Decimal

import pandas as pd
from tests.properties.hand_made import START, at, fixed, line, plant, step
from tests.stages.drafts import plan_best, rows

from orderopt.models.item import BomLine, Setup
from orderopt.models.network import Lane, Offer, ProductionUnit, Resource, Stock, Supplier
from orderopt.models.plan import PLAN_TABLES
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot

D = Decimal


def workshop() -> Snapshot:
    """Return a plant where A is made of bought and made parts and travels, and B is served from stock and unserved."""
    return plant(
        [line("A", 2, due=60, destination="D"), line("B", 5, due=9, item="S", may_split=True, unserved_cost=1)],
        [step("U1", 30, family="red"), step("U1", 20, op_no=20), step("V1", 10, item="C")],
        bom=[
            BomLine(item_id="P", component_id="C", quantity_per=1),
            BomLine(item_id="P", component_id="W", quantity_per=2, op_no=20),
        ],
        production_units=[ProductionUnit(unit_id="U", quality="0.5"), ProductionUnit(unit_id="V")],
        resources=[
            Resource(resource_id="U1", unit_id="U", cost_per_hour=60, initial_family="blue"),
            Resource(resource_id="V1", unit_id="V", cost_per_hour=6),
        ],
        setups=[Setup(resource_id="U1", from_family="blue", to_family="red", minutes=15, cost=4)],
        suppliers=[Supplier(supplier_id="Z", quality="0.8")],
        offers=[Offer(supplier_id="Z", item_id="W", lead_time_days=1, unit_price=3)],
        lanes=[Lane(origin="U", destination="D", mode="road", lead_time_hours=2, cost_fixed=7, cost_per_unit="0.5")],
        stock=[Stock(item_id="S", on_hand=2)],
        settings=Policy(horizon_start=START, timezone="Europe/Berlin"),
    )


def test_every_table_tells_its_share_of_the_same_story() -> None:
    made = plan_best(workshop())
    assert rows(made.allocation, "order_id", "part_no", "source_type", "source_id", "supply_id", "quantity") == [
        ("A", 1, "unit", "U", "J0002", 2),
        ("B", 1, "stock", "S@", "S@", 2),
        ("B", 2, "unserved", None, None, 3),
    ]
    assert rows(made.jobs, "job_id", "item_id", "unit_id", "quantity", "good_quantity", "parent_type", "parent_id") == [
        ("J0001", "C", "V", 4, 4, "job", "J0002"),
        ("J0002", "P", "U", 4, 2, "line", "A/1"),
    ]
    assert rows(made.purchases, "purchase_id", "supplier_id", "item_id", "quantity", "unit_price", "total", "for") == [
        ("P0001", "Z", "W", 10, 3, 30, "J0002")
    ]
    assert sorted(
        rows(made.pegging, "supply_type", "supply_id", "item_id", "quantity", "demand_type", "demand_id")
    ) == [
        ("job", "J0001", "C", 4, "job", "J0002"),
        ("job", "J0002", "P", 2, "line", "A/1"),
        ("purchase", "P0001", "W", 8, "job", "J0002"),
        ("stock", "S@", "S", 2, "line", "B/1"),
    ]
    assert rows(made.shipments, "shipment_id", "origin", "destination", "mode", "quantity", "cost", "lines") == [
        ("S0001", "U", "D", "road", 2, 8, "A/1/1")
    ]


def test_times_follow_from_working_minutes_lead_times_and_the_zone() -> None:
    made = plan_best(workshop())
    times = {
        f"{job}.{op}": (start, end, setup)
        for job, op, start, end, setup in rows(made.schedule, "job_id", "op_no", "start", "end", "setup_minutes")
    }
    work_done = at(24 + 4 * 20 / 60)
    assert times["J0002.20"] == (at(24), work_done, 0)  # the wood is there after a day
    start, end, setup = times["J0002.10"]
    assert (setup, end - start) == (15, pd.Timedelta(minutes=15 + 120))
    assert rows(made.purchases, "order_at", "receive_at") == [(at(0), at(24))]
    assert rows(made.shipments, "depart_at", "arrive_at") == [(work_done, work_done + pd.Timedelta(hours=2))]
    assert rows(made.promises, "order_id", "promised_at", "tardiness_minutes", "on_time") == [
        ("A", work_done + pd.Timedelta(hours=2), 0, True),
        ("B", at(0), 0, False),
    ]
    assert str(made.schedule["start"].dt.tz) == "Europe/Berlin"


def test_the_cost_of_a_part_is_making_with_all_that_goes_in_and_its_freight() -> None:
    made = plan_best(workshop())
    # U1: (15 + 4 × 30 + 4 × 20) minutes at 1; V1: 4 × 10 minutes at 0.1; ten boards at 3, 8 of them good; freight 8
    assert rows(made.allocation, "cost") == [(D("257.0000"),), (D(0),), (D(0),)]
    assert made.summary.terms["setup"] == 4.0


def test_fixed_tasks_keep_their_names_and_planned_jobs_take_others() -> None:
    snapshot = plant(
        [line("A", 1, due=9), line("B", 1, due=9)],
        [step("U1", 30)],
        fixed_tasks=[fixed(0, 1, job_id="J0001", task_id="given", order_id="B", line_no="1")],
    )
    made = plan_best(snapshot)
    assert rows(made.schedule, "task_id", "job_id", "order_id", "frozen") == [
        ("given", "J0001", "B", True),
        ("J0002.10", "J0002", "A", False),
    ]


def test_tables_without_rows_still_have_their_columns() -> None:
    frames = plan_best(plant([])).to_frames()
    assert {name: list(frame.columns) for name, frame in frames.items()} == {
        name: list(record.columns()) for name, record in PLAN_TABLES.items()
    }
    assert all(len(frame) == 0 for frame in frames.values())


def test_a_purchase_is_ordered_a_whole_minute_early_where_the_lead_time_is_no_whole_number_of_minutes() -> None:
    snapshot = plant(
        [line("A", 1, due=99)],
        suppliers=[Supplier(supplier_id="Z")],
        offers=[Offer(supplier_id="Z", item_id="P", lead_time_days="0.5003", unit_price=1)],
    )
    assert rows(plan_best(snapshot).purchases, "order_at", "receive_at") == [(at(0), at(721 / 60))]
