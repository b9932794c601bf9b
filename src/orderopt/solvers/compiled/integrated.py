"""Allocation, procurement and scheduling as one question, for small inputs.

Everything that could be decided is a candidate: jobs (their tasks stand in a shop problem, present or not), parts
of lines from known supplies, purchases. Quantities are whole millionths.
"""

from __future__ import annotations

from dataclasses import dataclass

from orderopt.solvers.compiled.charges import NO_CHARGES, LineCharges
from orderopt.solvers.compiled.shop import ShopProblem


@dataclass(frozen=True)
class SupplyCandidate:
    """Something to peg to.

    Attributes
    ----------
    amount
        What it holds; for a purchase, of one lot.
    available
        From when.
    job
        Running job whose end it is, -1: none.
    price
        Weighted cost of a lot; 0 for what is there already.
    least, most
        Lots, where it is bought.
    week
        Purchases of one week from one supplier of one item exclude each other (their price breaks); -1: not bought.
    """

    amount: int
    available: int
    job: int = -1
    price: float = 0.0
    least: int = 0
    most: int = 0
    week: int = -1

    @property
    def is_bought(self) -> bool:
        """Whether its amount is decided."""
        return self.week >= 0


@dataclass(frozen=True)
class Boarding:
    """The lane of a part.

    Attributes
    ----------
    lead
        Minutes from departure to arrival.
    departures
        Minutes of its timetable; None: at once.
    table
        Parts with the same number share departures; -1: none.
    fixed, each
        Weighted cost of a shipment, and of a millionth.
    capacity
        Most in one shipment; None: no limit.
    """

    lead: int = 0
    departures: tuple[int, ...] | None = None
    table: int = -1
    fixed: float = 0.0
    each: float = 0.0
    capacity: int | None = None


@dataclass(frozen=True)
class PartCandidate:
    """One way to serve a line, or a part of it: by a job of given quantity, or from a supply.

    `dislike` is the weighted cost of a millionth from a source that is not the most preferred one.
    """

    job: int
    supply: int
    quantity: int
    boarding: Boarding
    available: int
    release: int
    unit: int = -1
    dislike: float = 0.0


@dataclass(frozen=True)
class LineQuestion:
    """A line and its candidates.

    Attributes
    ----------
    unserved_cost
        Weighted cost of leaving all that is wanted.
    position
        Line in the shop problem, -1: no job can serve it.
    groups
        Candidates by source: a line takes at most one part from each.
    charges
        What its arrival costs beside lateness.
    """

    wanted: int
    may_split: bool
    min_split: int
    due: int
    minute_cost: float
    unserved_cost: float
    position: int
    candidates: tuple[PartCandidate, ...]
    groups: tuple[tuple[int, ...], ...]
    charges: LineCharges = NO_CHARGES


@dataclass(frozen=True)
class DemandQuestion:
    """What a job draws of one component: from supplies, and from at most one of its component jobs."""

    job: int
    task: int
    need: int
    supplies: tuple[int, ...]
    jobs: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class QuotaQuestion:
    """An agreement about one item.

    Attributes
    ----------
    shares
        Of each source, over `parts_of_one`.
    parts_of_one
        Common denominator of the shares.
    so_far
        What each source has had.
    takers
        (line, candidate) of each source.
    cost
        Weighted cost of a millionth beyond a share.
    """

    shares: tuple[int, ...]
    parts_of_one: int
    so_far: tuple[int, ...]
    takers: tuple[tuple[tuple[int, int], ...], ...]
    cost: float


@dataclass(frozen=True)
class IntegratedProblem:
    """The whole question.

    Attributes
    ----------
    optional
        Jobs of the shop problem that need not be made.
    shares
        (unit, highest share of all that is made).
    latest_supply
        Availability of the last supply.
    quotas
        Agreements about shares of items.
    """

    shop: ShopProblem
    optional: tuple[int, ...]
    lines: tuple[LineQuestion, ...]
    demands: tuple[DemandQuestion, ...]
    supplies: tuple[SupplyCandidate, ...]
    shares: tuple[tuple[int, float], ...]
    latest_supply: int
    quotas: tuple[QuotaQuestion, ...] = ()


@dataclass(frozen=True)
class IntegratedChoice:
    """What is chosen.

    Attributes
    ----------
    jobs
        Present jobs.
    parts
        (line, candidate, quantity).
    pegs
        (demand, supply or -1, job or -1, quantity).
    lots
        Lots bought, by supply.
    start, end, alternative
        Of every task of the shop problem (those of absent jobs mean nothing).
    """

    jobs: frozenset[int]
    parts: tuple[tuple[int, int, int], ...]
    pegs: tuple[tuple[int, int, int, int], ...]
    lots: dict[int, int]
    start: tuple[int, ...]
    end: tuple[int, ...]
    alternative: tuple[int, ...]
