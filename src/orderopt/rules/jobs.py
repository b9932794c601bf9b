"""The jobs of a plan, joined with their routings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderopt.rules.rows import RowFinder

if TYPE_CHECKING:
    from orderopt.rules.decided import Table
    from orderopt.rules.exact import Ints, Texts
    from orderopt.rules.given import Given


class Jobs:
    """Rows of ``jobs``.

    Attributes
    ----------
    item, unit, routing
        Codes, -1 where not known.
    quantity, good
        Started and good quantity in millionths.
    """

    def __init__(self, given: Given, table: Table) -> None:
        self.table = table
        self.size = table.size
        self.item = given.items.codes(table.text("item_id"))
        self.unit = given.units.codes(table.text("unit_id"))
        self.routing = given.routings.find_routings(self.item, self.unit)
        self.quantity = table.ints("quantity")
        self.good = table.ints("good_quantity")
        self._finder = RowFinder(table.text("job_id"))

    def find(self, ids: Texts) -> Ints:
        """Return the row of each job id, -1 where there is no such job."""
        return self._finder.find(ids)

    def name(self, row: int) -> str:
        """Return the subject of a finding about a job."""
        return f"job {self.table.text('job_id')[row]}"
