"""One division of time into buckets: what prices are for, what they give, and how jobs share it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from orderopt.solvers.compiled.shop import Floats, Ints, ShopProblem
from orderopt.solvers.scheduling.kernels_bounds import Book, Parts, PricedShop, price_batch
from orderopt.solvers.scheduling.limits import Heads
from orderopt.solvers.scheduling.priced import Ways, build_priced


class Level:
    """A shop with prices for buckets of time.

    Attributes
    ----------
    capacity, width
        Shape (B): open minutes of each group of machines in each of its buckets, and of one of its machines.
    usage
        Shape (B): what those took who placed themselves last.
    num_parts
        Parts of the shop that share machines only.
    """

    def __init__(self, problem: ShopProblem, heads: Heads, ways: Ways, times: Ints) -> None:
        self.shop, self.capacity = build_priced(problem, heads, ways, times)
        self.parts = find_parts(self.shop)
        rows = int(self.parts.row.max(initial=0)) + 1
        room = rows + len(self.shop.link_job) + len(self.shop.line_job) + 1
        columns = len(times) + 1
        self.book = Book(
            np.empty((rows, columns)),
            np.zeros((rows, columns), dtype=np.int64),
            np.zeros((rows, columns), dtype=np.int64),
            np.empty(columns),
            np.zeros(len(self.capacity)),
            np.zeros(1, dtype=np.int64),
            np.empty(room, dtype=np.int64),
            np.empty(room, dtype=np.int64),
            np.empty(room),
        )
        self.num_parts = len(self.parts.job_ptr) - 1
        self.all = np.arange(self.num_parts)
        self.usage = np.zeros(len(self.capacity))
        self.width = np.zeros(len(self.capacity))
        for group, marks in self._groups():
            self.width[self.shop.group_ptr[group] : self.shop.group_ptr[group] + len(marks) - 1] = np.diff(marks)

    def _groups(self) -> Iterator[tuple[int, Ints]]:
        """Yield each group with the breakpoints of its calendar, the last left out."""
        shop = self.shop
        for group, calendar in enumerate(shop.group_calendar.tolist()):
            yield group, shop.mark[shop.mark_ptr[calendar] : shop.mark_ptr[calendar + 1] - 1]

    @property
    def looks(self) -> int:
        """What placing has taken so far: starts and stretches of starts that were looked at."""
        return int(self.book.looks[0])

    @property
    def is_priced(self) -> np.ndarray:
        """Buckets that may have a price: those with open minutes."""
        return self.width > 0

    def place(self, price: Floats, chosen: Ints) -> float:
        """Return what some parts cost and pay at least; `usage` tells then what they take."""
        return float(price_batch(self.shop, self.parts, price, self.usage, self.book, chosen))

    def evaluate(self, price: Floats) -> float:
        """Return the bound that prices give; `usage` tells then what is taken."""
        return self.place(price, self.all) - float(price @ self.capacity)

    def excess(self, share: float = 1.0) -> Floats:
        """Return by how much use goes beyond a share of the capacity, as a share of the length of each bucket."""
        over = self.usage - share * self.capacity
        return np.divide(over, self.width, out=np.zeros_like(over), where=self.width > 0)

    def take_over(self, coarse: Level, price: Floats) -> Floats:
        """Return prices of a coarser level, for these buckets."""
        found = np.zeros(len(self.capacity))
        before = dict(coarse._groups())
        for group, marks in self._groups():
            if len(marks) < 2 or len(before[group]) < 2:
                continue
            middle = (marks[:-1] + marks[1:]) / 2
            place = np.clip(np.searchsorted(before[group], middle, side="right") - 1, 0, len(before[group]) - 2)
            offset = int(self.shop.group_ptr[group])
            found[offset : offset + len(middle)] = price[coarse.shop.group_ptr[group] + place]
        return found


def find_parts(shop: PricedShop) -> Parts:
    """Return the jobs of a shop in parts that share neither lines nor components."""
    num_jobs = len(shop.job_lead)
    owner = np.repeat(shop.task_job, np.diff(shop.link_ptr))
    lines = np.repeat(np.arange(len(shop.line_due)), np.diff(shop.line_ptr))
    first = shop.line_job[shop.line_ptr[lines]]
    part = _join(num_jobs, np.concatenate((owner, first)), np.concatenate((shop.link_job, shop.line_job)))
    count = int(part.max(initial=-1)) + 1
    job = np.argsort(part, kind="stable")
    serves = np.flatnonzero(np.diff(shop.line_ptr))
    of_line = part[shop.line_job[shop.line_ptr[serves]]]
    sizes = np.diff(shop.job_ptr)
    before = np.cumsum(sizes[job]) - sizes[job]
    job_ptr = np.concatenate(([0], np.cumsum(np.bincount(part, minlength=count)))).astype(np.int64)
    row_of_job = np.empty(num_jobs, dtype=np.int64)
    row_of_job[job] = before - np.repeat(before[job_ptr[:-1]], np.diff(job_ptr))
    waits = np.bincount(shop.link_job, minlength=num_jobs) + np.bincount(shop.line_job, minlength=num_jobs)
    return Parts(
        job_ptr=job_ptr,
        job=job.astype(np.int64),
        line_ptr=np.concatenate(([0], np.cumsum(np.bincount(of_line, minlength=count)))).astype(np.int64),
        line=serves[np.argsort(of_line, kind="stable")].astype(np.int64),
        row=row_of_job[shop.task_job] + np.arange(len(shop.task_job)) - shop.job_ptr[shop.task_job],
        share=1.0 / waits[shop.link_job],
        line_share=1.0 / waits[shop.line_job],
    )


def _join(count: int, one: Ints, other: Ints) -> Ints:
    """Return the number of the connected part of each of `count` things, given pairs that are connected."""
    above = np.arange(count)
    while len(one):
        low, high = np.minimum(above[one], above[other]), np.maximum(above[one], above[other])
        np.minimum.at(above, high, low)
        while (above[above] != above).any():
            above = above[above]
        is_open = above[one] != above[other]
        one, other = one[is_open], other[is_open]
    found: Ints = np.unique(above, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return found
