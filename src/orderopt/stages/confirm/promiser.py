"""The interface behind which dates are found: given all facts and an order, when can each line be there, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from orderopt.models.life.promise import LinePromise, OrderPromise, Origin, PromisedPart
from orderopt.models.order import Order, OrderLine
from orderopt.models.snapshot import Snapshot


class Promiser(Protocol):
    """Says when an order can be there."""

    def promise(self, snapshot: Snapshot, order: Order, lines: Sequence[OrderLine]) -> OrderPromise:
        """Return a promise for each line of an order.

        Parameters
        ----------
        snapshot
            All facts as of now: the other orders with what they still need, and stock and receipts less what is
            kept for others. The order that is asked about is not among them.
        order, lines
            What is asked for.
        """
        ...


@dataclass(frozen=True)
class PromiseAsAsked:
    """Promises every line for the date asked for, out of stock as far as that goes; plans nothing.

    For desks that buy or make on trust, or whose plan is made elsewhere.
    """

    def promise(self, snapshot: Snapshot, order: Order, lines: Sequence[OrderLine]) -> OrderPromise:
        """Return the dates asked for; lines take from stock in their order."""
        left: dict[str, dict[str, Decimal]] = defaultdict(dict)
        for stock in snapshot.stock:
            left[stock.item_id][stock.site or ""] = stock.free
        promises = []
        for line in lines:
            parts, missing = [], line.quantity
            for site, free in sorted(left[line.item_id].items()):
                taken = min(free, missing)
                if taken > 0:
                    left[line.item_id][site] -= taken
                    missing -= taken
                    parts.append(PromisedPart(origin=Origin.STOCK, source_id=site, quantity=taken))
            promises.append(
                LinePromise(
                    line_no=line.line_no,
                    promised_at=max(line.due_at, snapshot.settings.start),
                    quantity=line.quantity,
                    says="as asked for",
                    parts=tuple(parts),
                )
            )
        return OrderPromise(lines=tuple(promises))
