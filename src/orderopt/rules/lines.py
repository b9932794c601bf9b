"""The order lines that are to be planned, as arrays."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from orderopt.rules.exact import Bools, Ints, build_ints, to_micros
from orderopt.rules.names import UNKNOWN, Names
from orderopt.rules.wall_clock import to_minute

if TYPE_CHECKING:
    from orderopt.models.order import OrderLine
    from orderopt.models.snapshot import Snapshot

NO_BOUND = -(2**60)
"""As an earliest minute: no bound."""

KEY_MARK = "\x1f"
"""Stands between the parts of a key; no id holds it."""


class Lines:
    """Lines of open orders; arrays of attributes end with what holds for an unknown line (code -1).

    Attributes
    ----------
    rows
        The lines in table order.
    names
        ``order_id/line_no``, the name that pegging uses; two lines may share one where ids hold a slash.
    """

    def __init__(self, snapshot: Snapshot, items: Names) -> None:
        self._snapshot = snapshot
        self._items = items
        orders = snapshot.order
        by_key = {
            (line.order_id, line.line_no): line
            for line in snapshot.order_lines
            if line.order_id not in orders or orders[line.order_id].is_open
        }
        self.rows: list[OrderLine] = list(by_key.values())
        self.keys = Names([f"{order_id}{KEY_MARK}{line_no}" for order_id, line_no in by_key])
        self.names = Names([line.name for line in self.rows])
        self.all_names = Names([line.name for line in snapshot.order_lines])

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def name_code(self) -> Ints:
        """Code of each line's name."""
        return np.append(self.names.codes([line.name for line in self.rows]), UNKNOWN)

    @cached_property
    def item(self) -> Ints:
        """Item of each line."""
        return np.append(self._items.codes([line.item_id for line in self.rows]), UNKNOWN)

    @cached_property
    def quantity(self) -> Ints:
        """Ordered quantity in millionths."""
        return build_ints([*(to_micros(line.quantity) for line in self.rows), 0])

    @cached_property
    def due(self) -> Ints:
        """Due minute."""
        return build_ints([*(to_minute(line.due_at) for line in self.rows), 0])

    @cached_property
    def release(self) -> Ints:
        """Minute before which no work for the line starts."""
        return build_ints(
            [
                *(NO_BOUND if line.release_at is None else to_minute(line.release_at) for line in self.rows),
                NO_BOUND,
            ]
        )

    @cached_property
    def may_split(self) -> Bools:
        """Whether several sources may share the line."""
        return np.array([*(line.may_split for line in self.rows), True], dtype=np.bool_)

    @cached_property
    def min_split(self) -> Ints:
        """Smallest part of a split line in millionths."""
        return build_ints([*(to_micros(line.min_split) if line.min_split else 0 for line in self.rows), 0])

    def priorities(self, place: int) -> tuple[Decimal, Decimal]:
        """Return the priority of a line's customer and that of its order."""
        order = self._snapshot.order.get(self.rows[place].order_id)
        customer = None if order is None else self._snapshot.customer.get(order.customer_id)
        one = Decimal(1)
        return (one if customer is None else customer.priority, one if order is None else order.priority)
