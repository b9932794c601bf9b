"""What frePPLe planned for its own models, read from the ``expect`` files that come with them."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from benchmarks.outside.delivery import Delivery
from orderopt.models.order import OrderLine
from orderopt.models.snapshot import Snapshot

CONSTRAINED = {"13", "15"}
"""Constraint masks of runs that obey lead times (1 + 2), material and capacity."""


def read_reference(model: Path, snapshot: Snapshot) -> tuple[Delivery, ...] | None:
    """Return what frePPLe delivers for the orders of a snapshot; None where it left no comparable plan.

    Parameters
    ----------
    model
        Folder of an engine test (``model.xml``) or of a cookbook scenario.
    """
    orders = {line.order_id for line in snapshot.planned_lines}
    if not (model / "model.xml").exists():
        path = model / "expect.csv"
        return tuple(_match(snapshot, _read_shipped(path, snapshot))) if path.exists() else None
    run = _find_run(model)
    if run is None:
        return None
    found = read_expected(model / f"expect.{run}.tsv")
    return tuple(delivery for delivery in found if delivery.order_id in orders)


def _find_run(model: Path) -> int | None:
    """Return the first constrained run whose model no script had changed."""
    for run in json.loads((model / "runs.json").read_text(encoding="utf-8"))["runs"]:
        solver = run.get("solver", {})
        is_constrained = solver.get("plantype", "1") == "1" and solver.get("constraints") in CONSTRAINED
        if is_constrained and not run["model_changed_by_script_before"]:
            return int(run["output"])
    return None


def read_expected(path: Path) -> list[Delivery]:
    """Read the deliveries of an engine test's expected plan."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Delivery(row[1], _moment(row[2]), Decimal(row[3]))
            for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if row and row[0] == "DEMAND" and not row[2].startswith("planned ")
        ]


def _read_shipped(path: Path, snapshot: Snapshot) -> Mapping[str, list[tuple[datetime, Decimal]]]:
    """Return shipments by item from a cookbook's expected plan; it does not say which order they are for."""
    items = {line.item_id for line in snapshot.planned_lines}
    shipped: dict[str, list[tuple[datetime, Decimal]]] = defaultdict(list)
    with path.open(encoding="utf-8") as file:  # one of the files ends its lines as old Macs did
        for row in csv.reader(file):
            name = row[0].removeprefix("Ship ").partition(" @ ")[0] if row and row[0].startswith("Ship ") else ""
            for item in {name, row[0] if row else ""} & items:
                shipped[item].append((_moment(row[2]), Decimal(row[3])))
    return shipped


def _match(snapshot: Snapshot, shipped: Mapping[str, list[tuple[datetime, Decimal]]]) -> list[Delivery]:
    """Give shipments of an item to its orders, earliest to earliest due: the kindest reading of a reference."""
    lines: dict[str, list[OrderLine]] = defaultdict(list)
    for line in sorted(snapshot.planned_lines, key=lambda line: line.due_at):
        lines[line.item_id].append(line)
    return [delivery for item, found in shipped.items() for delivery in _give(lines[item], sorted(found))]


def _give(lines: Sequence[OrderLine], shipped: Sequence[tuple[datetime, Decimal]]) -> list[Delivery]:
    deliveries = []
    queue = [(line.order_id, line.quantity) for line in lines]
    for at, quantity in shipped:
        left = quantity
        while left > 0 and queue:
            order_id, open_quantity = queue.pop(0)
            given = min(left, open_quantity)
            deliveries.append(Delivery(order_id, at, given))
            left -= given
            if open_quantity > given:
                queue.insert(0, (order_id, open_quantity - given))
    return deliveries


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)
