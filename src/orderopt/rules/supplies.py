"""Everything that can be handed over: stock, receipts, jobs and purchases, and the pegs that draw on them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from orderopt.rules.exact import MICRO, Affine, Bools, Ints, Texts, build_ints, to_micros
from orderopt.rules.lines import NO_BOUND
from orderopt.rules.names import UNKNOWN
from orderopt.rules.rows import RowFinder
from orderopt.rules.wall_clock import to_minute

if TYPE_CHECKING:
    from datetime import datetime

    from orderopt.rules.decided import Table
    from orderopt.rules.given import Given
    from orderopt.rules.jobs import Jobs
    from orderopt.rules.tasks import Tasks

KINDS = ("stock", "receipt", "job", "purchase")
"""Kinds of supply, in the order in which their codes follow one another."""


class Supplies:
    """All supplies in one row of codes: stock, then receipts, then jobs, then purchases.

    Attributes
    ----------
    first
        First code of each kind; the last entry is their number.
    item
        Item of each supply.
    holds
        Most that may be drawn, in millionths.
    available
        Minute from which it can be taken.
    earliest
        The same, for stock and receipts even before the horizon.
    is_available_known
        False where the plan does not say when (a job without tasks, a bad time).
    """

    def __init__(self, given: Given, jobs: Jobs, tasks: Tasks, purchases: Table) -> None:
        snapshot = given.snapshot
        stocks = list(given.stocks.values())
        receipts = {receipt.receipt_id: receipt for receipt in snapshot.receipts}
        self._ids: tuple[Texts, ...] = (
            _texts(list(given.stocks)),
            _texts(list(receipts)),
            jobs.table.text("job_id"),
            purchases.text("purchase_id"),
        )
        self.first = np.concatenate([[0], np.cumsum([len(ids) for ids in self._ids])]).astype(np.int64)
        self._finders = [RowFinder(ids) for ids in self._ids]
        suppliers = given.suppliers.codes(purchases.text("supplier_id"))
        quality = Affine(
            [0] * len(given.supplier_quality), given.supplier_quality.tolist(), [MICRO] * len(given.supplier_quality)
        )
        begin = given.horizon_start
        given_items = [row.item_id for row in stocks] + [row.item_id for row in receipts.values()]
        self.item = np.concatenate(
            [
                given.items.codes(given_items),
                jobs.item,
                given.items.codes(purchases.text("item_id")),
                [UNKNOWN],
            ]
        ).astype(np.int64)
        self.holds = np.concatenate(
            [
                build_ints([to_micros(row.free) for row in stocks]),
                build_ints([to_micros(row.quantity) for row in receipts.values()]),
                jobs.good,
                quality.floor(suppliers, purchases.ints("quantity")),
                [0],
            ]
        ).astype(np.int64)
        job_end, has_end = _job_ends(jobs, tasks)
        self.available = np.concatenate(
            [
                build_ints([_since(row.available_at, begin) for row in stocks]),
                build_ints([_since(row.available_at, begin) for row in receipts.values()]),
                job_end,
                purchases.ints("receive_at"),
                [0],
            ]
        ).astype(np.int64)
        self.earliest = self.available.copy()
        self.earliest[: len(stocks)] = [_since(row.available_at, NO_BOUND) for row in stocks]
        self.earliest[len(stocks) : self.first[2]] = [_since(row.available_at, NO_BOUND) for row in receipts.values()]
        num_given = len(stocks) + len(receipts)
        self.is_available_known: Bools = np.concatenate(
            [
                np.ones(num_given, dtype=np.bool_),
                has_end,
                purchases.is_given("receive_at"),
                [False],
            ]
        ).astype(np.bool_)

    def __len__(self) -> int:
        return int(self.first[-1])

    def find(self, kind: str, ids: Texts) -> Ints:
        """Return the code of each supply of one kind, -1 where there is none."""
        place = KINDS.index(kind)
        rows = self._finders[place].find(ids)
        return np.asarray(np.where(rows >= 0, rows + self.first[place], UNKNOWN), dtype=np.int64)

    def find_mixed(self, kinds: Texts, ids: Texts) -> Ints:
        """Return the code of each supply, whatever its kind, -1 where there is none."""
        codes = np.full(len(ids), UNKNOWN, dtype=np.int64)
        for kind in KINDS:
            rows = np.flatnonzero(kinds == kind)
            codes[rows] = self.find(kind, ids[rows])
        return codes

    def kind(self, code: int) -> str:
        """Return the kind of a supply."""
        return KINDS[int(np.searchsorted(self.first, code, side="right")) - 1]

    def name(self, code: int) -> str:
        """Return what a finding calls a supply."""
        place = KINDS.index(self.kind(code))
        return f"{KINDS[place]} {self._ids[place][code - self.first[place]]}"

    def jobs_of(self, codes: Ints) -> Ints:
        """Return the row in ``jobs`` of each supply, -1 where it is no job."""
        is_job = (codes >= self.first[2]) & (codes < self.first[3])
        return np.asarray(np.where(is_job, codes - self.first[2], UNKNOWN), dtype=np.int64)

    def is_handed_over(self, codes: Ints) -> Bools:
        """Return which supplies are stock or receipts."""
        return np.asarray((codes >= 0) & (codes < self.first[2]), dtype=np.bool_)


def _since(available_at: datetime | None, begin: int) -> int:
    return begin if available_at is None else max(begin, to_minute(available_at))


def _texts(names: list[str]) -> Texts:
    values = np.empty(len(names), dtype=object)
    values[:] = names
    return values


def _job_ends(jobs: Jobs, tasks: Tasks) -> tuple[Ints, Bools]:
    """Return the end of the last task of each job (else what the job says), and whether that is known."""
    ends = np.full(jobs.size, np.iinfo(np.int64).min, dtype=np.int64)
    timed = np.flatnonzero((tasks.job >= 0) & tasks.is_placed)
    np.maximum.at(ends, tasks.job[timed], tasks.end[timed])
    has_tasks = ends > np.iinfo(np.int64).min
    said, is_said = jobs.table.ints("available_at"), jobs.table.is_given("available_at")
    return np.where(has_tasks, ends, said), np.asarray(has_tasks | is_said, dtype=np.bool_)


class Pegs:
    """Rows of ``pegging``.

    Attributes
    ----------
    supply
        Code among the supplies.
    line_name
        Code of the line's name where the demand is a line that is planned, else -1.
    job
        Row in ``jobs`` where the demand is a job, else -1.
    """

    def __init__(self, given: Given, table: Table, supplies: Supplies, jobs: Jobs) -> None:
        self.table = table
        self.size = table.size
        self.supply = supplies.find_mixed(table.text("supply_type"), table.text("supply_id"))
        self.item = given.items.codes(table.text("item_id"))
        is_line = table.text("demand_type") == "line"
        is_job = table.text("demand_type") == "job"
        demands = table.text("demand_id")
        self.line_name = np.where(is_line, given.lines.names.codes(demands), UNKNOWN)
        self.job = np.where(is_job, jobs.find(demands), UNKNOWN)
        self.quantity = table.ints("quantity")

    @cached_property
    def has_demand(self) -> Bools:
        """Whether the demand of each peg is there."""
        return np.asarray((self.line_name >= 0) | (self.job >= 0), dtype=np.bool_)

    def name(self, row: int) -> str:
        """Return the subject of a finding about a peg."""
        cells = [self.table.text(column)[row] for column in ("supply_type", "supply_id", "demand_type", "demand_id")]
        return f"peg of {cells[0]} {cells[1]} for {cells[2]} {cells[3]}"
