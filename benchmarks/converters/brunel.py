"""The Brunel supply chain (4,612 orders, 19 plants) as tables.

Source: Kalganova, T. and Dzalbs, I. (2019), Supply Chain Logistics Problem Dataset, Brunel University London.

Model L, whose reference values come with the data: every order is handled by one plant that stocks its product,
serves its customer and can ship it; a plant handles a number of orders a day; an order costs the plant's cost a
unit times its units, plus freight. Freight is 0 for CRF (the customer collects), else that of the cheapest line
from one of the plant's ports with the order's service level: AIR max(minimum, rate × weight) in the weight band
of the order, GROUND the rate.

How the tables say it:

- A plant is a unit with one dock (a resource of capacity 1) that is open for as many minutes a day as the plant
  handles orders; handling an order takes one minute, so that the capacity is exact.
- Cost depends on plant *and* order. Each order has a destination of its own, with one lane from every plant that
  may serve it; `cost_fixed` is the order's whole cost there, warehouse and freight together (six places). That
  the warehouse's part is counted as transport is the price of exactness: a machine's `cost_per_hour` cannot
  differ between orders that take one minute each.
- A plant that may not serve an order has no lane to it.
- Every line is due at the end of day `days`.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from orderopt.models.calendar import Shift
from orderopt.models.customer import Customer
from orderopt.models.item import Item, Operation
from orderopt.models.network import Lane, ProductionUnit, Resource
from orderopt.models.order import Order, OrderLine
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot

START = datetime(2013, 5, 27, tzinfo=UTC)
"""The day after the orders' only date."""

SIX_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Source:
    """The files of the data set, by name without ending, each a list of rows."""

    tables: dict[str, list[dict[str, str]]]

    def pairs(self, table: str, column: str) -> dict[str, set[str]]:
        """Map each plant to what stands beside it in `column`."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.tables[table]:
            found[row["plant"]].add(row[column])
        return found

    def numbers(self, table: str, column: str) -> dict[str, Decimal]:
        """Map each plant to its number in `column`."""
        return {row["plant"]: Decimal(row[column]) for row in self.tables[table]}


@dataclass(frozen=True)
class Route:
    """An order at a plant that may serve it, with the whole cost."""

    plant: str
    order_id: str
    cost: Decimal


def read_source(folder: Path) -> Source:
    """Read all CSV files of the data set."""
    tables = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = list(csv.DictReader(file))
    return Source(tables)


def build_snapshot(source: Source, *, days: int = 4) -> Snapshot:
    """Return the data set as tables, every line due at the end of day `days`."""
    orders = source.tables["orders"]
    products = source.pairs("products_per_plant", "product_id")
    wanted = {row["product_id"] for row in orders}
    capacities = source.numbers("warehouse_capacities", "orders_per_day")
    end = START + timedelta(days=days)
    return Snapshot(
        settings=Policy(horizon_start=START, horizon_end=end, timezone="UTC", currency="USD"),
        customers=tuple(Customer(customer_id=name) for name in sorted({row["customer"] for row in orders})),
        items=tuple(Item(item_id=name) for name in sorted(wanted)),
        orders=tuple(
            Order(order_id=row["order_id"], customer_id=row["customer"], channel="edi", status="confirmed")
            for row in orders
        ),
        order_lines=tuple(_build_line(row, end) for row in orders),
        production_units=tuple(ProductionUnit(unit_id=plant) for plant in sorted(capacities)),
        resources=tuple(
            Resource(resource_id=f"{plant}-DOCK", unit_id=plant, calendar_id=plant) for plant in sorted(capacities)
        ),
        operations=tuple(
            Operation(item_id=product, unit_id=plant, op_no=10, resource_id=f"{plant}-DOCK", fixed_minutes=Decimal(1))
            for plant in sorted(capacities)
            for product in sorted(products[plant] & wanted)
        ),
        calendars=tuple(
            Shift(calendar_id=plant, weekday=weekday, opens="00:00", closes=_clock(int(capacity)))
            for plant, capacity in sorted(capacities.items())
            for weekday in range(7)
        ),
        lanes=tuple(
            Lane(origin=route.plant, destination=f"ORDER-{route.order_id}", cost_fixed=route.cost)
            for route in build_routes(source)
        ),
    )


def _build_line(row: dict[str, str], due_at: datetime) -> OrderLine:
    """Build the line of an order; 1 a day late, and unserved dearer than any way of serving it."""
    return OrderLine(
        order_id=row["order_id"],
        line_no="1",
        item_id=row["product_id"],
        quantity=Decimal(row["unit_quantity"]),
        due_at=due_at,
        tardiness_cost=Decimal(1),
        unserved_cost=Decimal(10_000_000),
        destination=f"ORDER-{row['order_id']}",
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def build_routes(source: Source) -> list[Route]:
    """Return every plant that may serve an order, with the order's cost there."""
    products = source.pairs("products_per_plant", "product_id")
    customers = source.pairs("vmi_customers", "customer")
    ports = source.pairs("plant_ports", "port")
    costs = source.numbers("warehouse_costs", "cost_per_unit")
    rates = _build_rates(source)
    routes = []
    for row in source.tables["orders"]:
        for plant in sorted(costs):
            if row["product_id"] not in products[plant] or row["customer"] not in customers.get(
                plant, {row["customer"]}
            ):
                continue
            freight = judge_freight(row["service_level"], Decimal(row["weight_kg"]), ports[plant], rates)
            if freight is not None:
                cost = (costs[plant] * Decimal(row["unit_quantity"]) + freight).quantize(SIX_PLACES)
                routes.append(Route(plant, row["order_id"], cost))
    return routes


@dataclass(frozen=True)
class Rate:
    """One line of the freight table; weights in kg."""

    is_ground: bool
    lightest: Decimal
    heaviest: Decimal
    minimum: Decimal
    rate: Decimal

    def cost(self, weight: Decimal) -> Decimal | None:
        """Return what an order of `weight` costs, None outside the band."""
        if not self.lightest <= weight <= self.heaviest:
            return None
        return self.rate if self.is_ground else max(self.minimum, self.rate * weight)


def _build_rates(source: Source) -> dict[tuple[str, str], list[Rate]]:
    rates: dict[tuple[str, str], list[Rate]] = defaultdict(list)
    for row in source.tables["freight_rates"]:
        bounds = (Decimal(row[column]) for column in ("min_weight", "max_weight", "min_cost", "rate"))
        rates[row["orig_port"], row["service"]].append(Rate(row["mode"] == "GROUND", *bounds))
    return rates


def judge_freight(
    service: str, weight: Decimal, ports: set[str], rates: dict[tuple[str, str], list[Rate]]
) -> Decimal | None:
    """Return the cheapest freight from any of the ports, None where nothing goes."""
    if service == "CRF":
        return Decimal(0)
    costs = [rate.cost(weight) for port in ports for rate in rates.get((port, service), ())]
    return min((cost for cost in costs if cost is not None), default=None)


def judge_cheapest(snapshot: Snapshot) -> Decimal:
    """Return the least cost of serving every line when plants have no limit (reference value L0)."""
    return sum((min(costs.values()) for costs in _read_choices(snapshot).values()), Decimal(0))


def judge_days(snapshot: Snapshot, days: int) -> tuple[int, Decimal]:
    """Return the most orders that the plants handle in `days` days, and the least cost of so many.

    Read from the tables alone: lanes, routings and open minutes. Solved as a minimum cost flow (reference values
    L1 with one day, L2 with the fewest days that are enough for all orders).
    """
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    choices = _read_choices(snapshot)
    plants = {unit.unit_id: place for place, unit in enumerate(snapshot.production_units, start=2)}
    flow = SimpleMinCostFlow()
    for shift in snapshot.calendars:
        if shift.weekday == START.weekday():
            hours, minutes = map(int, shift.closes.split(":"))
            flow.add_arc_with_capacity_and_unit_cost(plants[shift.calendar_id], 1, days * (60 * hours + minutes), 0)
    for place, costs in enumerate(choices.values(), start=2 + len(plants)):
        flow.add_arc_with_capacity_and_unit_cost(0, place, 1, 0)
        for plant, cost in costs.items():
            flow.add_arc_with_capacity_and_unit_cost(place, plants[plant], 1, int(cost / SIX_PLACES))
    flow.set_node_supply(0, len(choices))
    flow.set_node_supply(1, -len(choices))
    if flow.solve_max_flow_with_min_cost() != flow.OPTIMAL:
        raise ArithmeticError("the flow was not solved to optimality")
    return flow.maximum_flow(), Decimal(flow.optimal_cost()) * SIX_PLACES


def _read_choices(snapshot: Snapshot) -> dict[str, dict[str, Decimal]]:
    """Map each line to the plants that may serve it and the cost there."""
    return {
        line.name: {
            unit: snapshot.lanes_from[unit, line.destination][0].cost_fixed
            for unit in snapshot.units_of_item[line.item_id]
            if line.destination is not None and (unit, line.destination) in snapshot.lanes_from
        }
        for line in snapshot.planned_lines
    }


def read_reference(folder: Path) -> dict[str, float]:
    """Read the reference values of model L that lie beside the data."""
    values: dict[str, float] = json.loads((folder / "reference_values_modelL.json").read_text(encoding="utf-8"))
    return values


def main(arguments: list[str]) -> int:
    """Convert the data set in the first folder into tables in the second."""
    from orderopt.tables.write import write_snapshot

    if len(arguments) != 2:
        print("usage: python -m benchmarks.converters.brunel SOURCE OUT", file=sys.stderr)
        return 2
    snapshot = build_snapshot(read_source(Path(arguments[0])))
    write_snapshot(snapshot, Path(arguments[1]))
    print(snapshot)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
