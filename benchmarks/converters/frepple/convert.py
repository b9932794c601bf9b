"""Planning models of frePPLe (engine tests and cookbook) as tables, where the tables can say them.

Source: https://github.com/frePPLe/frepple (MIT). What cannot be said is refused with every reason; what is left
out without changing which plans are possible stands in the notes.

How the tables say it:

- An item of frePPLe's is at a location; ours is the same everywhere. Models that keep an item at two are refused.
- An operation that makes an item is a routing of that item at the unit named after the location; a routing's steps
  are its suboperations; alternate operations of one step with the same materials are alternative resources.
- An operation without a resource stands on one of unlimited capacity.
- A delivery operation is an item of its own, made of what it delivers.
- Priority 1 is the most urgent there; a demand of priority p weighs ``1 + (largest p) - p`` here, or 1 if asked.
- frePPLe keeps the setup of a resource across an operation without setup; our tables forget it. The way into each
  family from *any* therefore costs as much as the dearest, so that no plan gains from forgetting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from benchmarks.converters.frepple.cases import split_source
from benchmarks.converters.frepple.limits import judge_source
from benchmarks.converters.frepple.making import (
    build_bom,
    build_operations,
    build_ways,
    find_demanded,
    judge_places,
    judge_quantity_step,
)
from benchmarks.converters.frepple.resources import build_calendars, build_resources, build_setups
from benchmarks.converters.frepple.source import Source, read_csv_folder, read_xml
from benchmarks.converters.frepple.trade import Priorities, build_offers, build_orders, build_receipts, build_stock
from benchmarks.converters.frepple.work import SHOWN, Work
from orderopt.models.consistency import find_inconsistencies
from orderopt.models.customer import Customer
from orderopt.models.item import Item
from orderopt.models.network import ProductionUnit, Supplier
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot


@dataclass(frozen=True)
class Conversion:
    """A converted model, or every reason why it cannot be."""

    name: str
    snapshot: Snapshot | None
    reasons: tuple[str, ...]
    notes: tuple[str, ...]


def convert(source: Source, *, priorities: Priorities = Priorities.WEIGHT) -> Conversion:
    """Return the model as tables, or the reasons why it cannot be said."""
    reasons = judge_source(source)
    if source.current is None:
        reasons.append("the model has no current date")
        return Conversion(source.name, None, tuple(dict.fromkeys(reasons)), ())
    work = Work(source, source.current, reasons)
    snapshot = _build_snapshot(work, priorities)
    if snapshot is not None:
        work.reasons += [str(finding) for finding in find_inconsistencies(snapshot) if finding.is_error]
    unique = tuple(dict.fromkeys(work.reasons))
    return Conversion(source.name, None if unique else snapshot, unique, tuple(dict.fromkeys(work.notes)))


def _build_snapshot(work: Work, priorities: Priorities) -> Snapshot | None:
    demands = [row for row in work.source.tables["demand"] if row.get("quantity") and row.get("due")]
    if not demands:
        work.reasons.append("the model has no demand to plan")
        return None
    ways = build_ways(work, [find_demanded(work, row) for row in demands])
    judge_places(work, set(ways))
    resources = build_resources(work, ways)
    shifts, exceptions = build_calendars(work)
    offers = build_offers(work, set(ways))
    if work.reasons:
        return None
    orders, lines = build_orders(work, demands, priorities)
    steps = {name: judge_quantity_step(work, found) for name, found in ways.items()}
    units = {way.unit for found in ways.values() for way in found}
    return Snapshot(
        settings=Policy(horizon_start=work.start.replace(tzinfo=UTC), timezone="UTC", currency="USD"),
        customers=tuple(
            Customer(customer_id=name) for name in dict.fromkeys(row.get("customer", "customer") for row in demands)
        ),
        items=tuple(Item(item_id=name, quantity_step=steps[name]) for name in ways),
        orders=orders,
        order_lines=lines,
        production_units=tuple(ProductionUnit(unit_id=unit) for unit in sorted(units)),
        resources=resources,
        operations=tuple(build_operations(work, ways)),
        setups=build_setups(work, ways),
        calendars=tuple(shifts),
        calendar_exceptions=tuple(exceptions),
        bom=tuple(build_bom(ways)),
        stock=build_stock(work, set(ways)),
        receipts=build_receipts(work, set(ways)),
        suppliers=tuple(Supplier(supplier_id=name) for name in dict.fromkeys(offer.supplier_id for offer in offers)),
        offers=offers,
    )


def read_models(folder: Path) -> list[Source]:
    """Read every model of a folder: ``model.xml`` files and scenario folders with CSV sheets, at any depth."""
    sources = [read_xml(path) for path in sorted(folder.rglob("model.xml"))]
    sources += [read_csv_folder(path) for path in sorted({path.parent for path in folder.rglob("item.csv")})]
    return sources


def convert_folder(folder: Path) -> list[Conversion]:
    """Convert every case of every model of a folder."""
    return [convert(case) for source in read_models(folder) for case in split_source(source)]


def describe(conversions: list[Conversion]) -> str:
    """Return the report: for every case what became of it."""
    lines = []
    for conversion in conversions:
        lines.append(f"{conversion.name}: {conversion.snapshot or 'refused'}")
        lines += [f"    because {reason}" for reason in conversion.reasons[:SHOWN]]
        if len(conversion.reasons) > SHOWN:
            lines.append(f"    and {len(conversion.reasons) - SHOWN} more of the kind")
        lines += [f"    note: {note}" for note in conversion.notes if conversion.snapshot is not None]
    converted = sum(conversion.snapshot is not None for conversion in conversions)
    models = {conversion.name.split("--")[0] for conversion in conversions}
    told = {conversion.name.split("--")[0] for conversion in conversions if conversion.snapshot is not None}
    total = f"{converted} of {len(conversions)} cases converted, from {len(told)} of {len(models)} models"
    return "\n".join([*lines, total])
