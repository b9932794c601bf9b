"""The parts of order lines: where each comes from, when it is there, and when it arrives."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from orderopt.rules.exact import Bools, Ints, Texts
from orderopt.rules.lines import KEY_MARK
from orderopt.rules.names import UNKNOWN, Names

if TYPE_CHECKING:
    from orderopt.rules.decided import Table
    from orderopt.rules.given import Given
    from orderopt.rules.supplies import Supplies

SUPPLY_KIND = {"stock": "stock", "receipt": "receipt", "unit": "job", "supplier": "purchase"}
"""What kind of supply each kind of source hands over."""


class Parts:
    """Rows of ``allocation``.

    Attributes
    ----------
    line
        Code of the line, -1 where no such line is planned.
    is_served
        Whether the part has a source.
    supply
        Code of the supply that serves it, -1 where there is none.
    """

    def __init__(self, given: Given, table: Table, supplies: Supplies) -> None:
        self.table = table
        self.size = table.size
        self._given, self._supplies = given, supplies
        orders, lines = table.text("order_id"), table.text("line_no")
        self.line = given.lines.keys.codes(orders + KEY_MARK + lines if self.size else orders)
        self.source = table.text("source_type")
        self.quantity = table.ints("quantity")
        self.is_unserved: Bools = np.asarray(self.source == "unserved", dtype=np.bool_)
        self.is_served: Bools = table.is_given("source_type") & ~self.is_unserved
        kinds = np.full(self.size, "", dtype=object)
        for source, kind in SUPPLY_KIND.items():
            kinds[self.source == source] = kind
        self.supply = supplies.find_mixed(kinds, table.text("supply_id"))

    @cached_property
    def names(self) -> Texts:
        """``order_id/line_no/part_no`` of each part, as shipments list them."""
        columns = (self.table.text("order_id"), self.table.text("line_no"), self.table.ints("part_no"))
        values = np.empty(self.size, dtype=object)
        values[:] = [f"{order_id}/{line_no}/{part_no}" for order_id, line_no, part_no in zip(*columns, strict=True)]
        return values

    @cached_property
    def available(self) -> Ints:
        """Minute at which each part can leave; 0 where that is not known."""
        release = self._given.lines.release[self.line]
        available = self._supplies.available[self.supply]
        is_handed = self._supplies.is_handed_over(self.supply)
        return np.asarray(np.where(is_handed, np.maximum(available, release), available), dtype=np.int64)

    @cached_property
    def is_available_known(self) -> Bools:
        """Whether the plan says when each part can leave."""
        return np.asarray(self._supplies.is_available_known[self.supply] & self.is_served, dtype=np.bool_)

    def name(self, row: int) -> str:
        """Return the subject of a finding about a part."""
        return f"part {self.names[row]}"


class Places:
    """Where parts come from and go to.

    Attributes
    ----------
    names
        Sites, units, suppliers and destinations.
    origin, site
        The two names of each part's origin (the unit and its site; else both the same), -1 for none.
    destination
        Where each part's line goes, -1 where it is collected.
    travels
        Whether the part is served and has to travel.
    """

    def __init__(self, given: Given, parts: Parts) -> None:
        snapshot = given.snapshot
        self.names = Names(
            dict.fromkeys(
                filter(
                    None,
                    [
                        *(lane.origin for lane in snapshot.lanes),
                        *(lane.destination for lane in snapshot.lanes),
                        *(line.destination for line in given.lines.rows),
                        *(stock.site for stock in snapshot.stock),
                        *(receipt.site for receipt in snapshot.receipts),
                        *snapshot.unit,
                        *snapshot.supplier,
                        *(unit.site for unit in snapshot.production_units),
                    ],
                )
            )
        )
        origin, site = self._origins(given, parts)
        self.origin, self.site = origin, site
        goes = [self.names.code(line.destination) for line in given.lines.rows]
        self.destination = np.array([*goes, UNKNOWN], dtype=np.int64)[parts.line]
        self.travels: Bools = np.asarray(
            parts.is_served
            & (self.destination >= 0)
            & (self.destination != self.origin)
            & (self.destination != self.site),
            dtype=np.bool_,
        )

    def _origins(self, given: Given, parts: Parts) -> tuple[Ints, Ints]:
        origin = np.full(parts.size, UNKNOWN, dtype=np.int64)
        snapshot = given.snapshot
        stock_sites = [self.names.code(stock.site) for stock in given.stocks.values()]
        receipt_sites = [
            self.names.code(receipt.site)
            for receipt in {receipt.receipt_id: receipt for receipt in snapshot.receipts}.values()
        ]
        sites = np.array([*stock_sites, *receipt_sites, UNKNOWN], dtype=np.int64)
        handed = np.flatnonzero((parts.supply >= 0) & (parts.supply < len(sites) - 1))
        origin[handed] = sites[parts.supply[handed]]
        made = np.flatnonzero((parts.source == "unit") | (parts.source == "supplier"))
        origin[made] = self.names.codes(parts.table.text("source_id")[made])
        site = origin.copy()
        unit_sites = [self.names.code(unit.site) for unit in snapshot.unit.values()]
        at_unit = np.flatnonzero(parts.source == "unit")
        units = given.units.codes(parts.table.text("source_id")[at_unit])
        found = np.array([*unit_sites, UNKNOWN], dtype=np.int64)[units]
        site[at_unit] = np.where(found >= 0, found, origin[at_unit])
        return origin, site
