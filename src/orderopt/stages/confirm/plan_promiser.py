"""Capable to promise by planning: the order is added to all others and the whole is planned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orderopt.models.life.promise import LinePromise, OrderPromise, Origin, PromisedPart
from orderopt.models.order import Order, OrderLine
from orderopt.models.snapshot import Snapshot

if TYPE_CHECKING:
    from orderopt.models.plan import Plan

_ORIGINS = {"stock": Origin.STOCK, "receipt": Origin.SUPPLY, "unit": Origin.MAKE, "supplier": Origin.BUY}
_LEAST = Decimal("0.001")
"""Priority of the order that is asked about, so that it does not push aside what is promised already."""

_LEFT = Decimal(10_000)
_LEFT_OF_OTHERS = Decimal(100_000)
"""Costs of leaving a unit unserved: of it, and of the others. All are to be served if that is possible at all."""

_DEAREST = Decimal(10) ** 11


@dataclass(frozen=True)
class PlanPromiser:
    """Plans with the order added behind all others, on one worker, so that the same facts give the same dates.

    Parameters
    ----------
    strategy, time_limit, seed
        As :func:`orderopt.plan` takes them. Allocating and dispatching once takes far less than the limit (in
        seconds), so that it does not cut.
    """

    strategy: str = "auto+dispatch"
    time_limit: float = 10.0
    seed: int = 0

    def promise(self, snapshot: Snapshot, order: Order, lines: Sequence[OrderLine]) -> OrderPromise:
        """Return what the plan says of the order, and whom it hurts."""
        with_it = self._plan(_add(snapshot, order, lines))
        late = _find_late(with_it, order.order_id)
        if late:
            lines_now = [_serve(line, _LEFT_OF_OTHERS) for line in snapshot.order_lines]
            late -= _find_late(self._plan(snapshot.replace(order_lines=lines_now)), order.order_id)
        promises = _read_promises(with_it, order.order_id)
        return OrderPromise(lines=tuple(promises[line.line_no] for line in lines), hurt=tuple(sorted(late)))

    def _plan(self, snapshot: Snapshot) -> Plan:
        from orderopt.stages.plan import plan

        return plan(snapshot, strategy=self.strategy, time_limit=self.time_limit, seed=self.seed, workers=1)


def _add(snapshot: Snapshot, order: Order, lines: Sequence[OrderLine]) -> Snapshot:
    return snapshot.replace(
        orders=(*snapshot.orders, order.model_copy(update={"priority": _LEAST})),
        order_lines=(
            *(_serve(line, _LEFT_OF_OTHERS) for line in snapshot.order_lines),
            *(_serve(line, _LEFT) for line in lines),
        ),
    )


def _serve(line: OrderLine, unserved_cost: Decimal) -> OrderLine:
    return line.model_copy(update={"unserved_cost": min(line.quantity * unserved_cost, _DEAREST)})


def _find_late(plan: Plan, order_id: str) -> set[str]:
    """Return the lines of all other orders that a plan brings late or not at all."""
    table = plan.promises
    late = table[(table["order_id"] != order_id) & ~table["on_time"].astype(bool)]
    return {f"{order}/{line}" for order, line in zip(late["order_id"], late["line_no"], strict=True)}


def _read_promises(plan: Plan, order_id: str) -> dict[str, LinePromise]:
    parts = _read_parts(plan, order_id)
    table = plan.promises
    return {
        row["line_no"]: LinePromise(
            line_no=row["line_no"],
            promised_at=row["promised_at"].to_pydatetime() if _is_whole(row, parts[row["line_no"]]) else None,
            quantity=row["quantity"],
            cause=row["bottleneck"] or None,
            says=row["explanation"],
            parts=tuple(parts[row["line_no"]]),
        )
        for row in _rows(table[table["order_id"] == order_id])
    }


def _is_whole(row: dict[str, Any], parts: list[PromisedPart]) -> bool:
    return row["promised_at"] is not None and row["quantity"] == sum(part.quantity for part in parts)


def _read_parts(plan: Plan, order_id: str) -> dict[str, list[PromisedPart]]:
    jobs = {row["job_id"]: row for row in _rows(plan.jobs)}
    begins = plan.schedule.groupby("job_id")["start"].min().to_dict()
    purchases = {row["purchase_id"]: row for row in _rows(plan.purchases)}
    table = plan.allocation
    parts: dict[str, list[PromisedPart]] = defaultdict(list)
    for row in _rows(table[table["order_id"] == order_id]):
        kind, supply = row["source_type"], row["supply_id"]
        if kind not in _ORIGINS:
            continue
        times: dict[str, Any] = {}
        source = row["source_id"]
        if kind == "stock":
            source = supply.rpartition("@")[2]
        elif kind == "receipt":
            source = supply
        elif kind == "unit":
            times = {"starts_at": begins.get(supply), "available_at": jobs[supply]["available_at"]}
        else:
            times = {"starts_at": purchases[supply]["order_at"], "available_at": purchases[supply]["receive_at"]}
        parts[row["line_no"]].append(
            PromisedPart(origin=_ORIGINS[kind], source_id=source, quantity=row["quantity"], **times)
        )
    return parts


def _rows(table: Any) -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries, empty cells as None."""
    plain = table.astype(object)
    return [dict(row) for row in plain.where(plain.notna(), None).to_dict("records")]
