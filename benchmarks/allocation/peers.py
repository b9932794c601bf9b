"""Other ways to answer the same question, written as one writes them by hand; run in a process of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.result import RefusedError
from orderopt.solvers.compiled.sourcing import Assignment, Floats, Ints, SourcingProblem

if TYPE_CHECKING:
    from benchmarks.allocation.instance import Instance


@dataclass(frozen=True)
class Found:
    """What a competitor hands over, not yet checked; `claimed` is the objective by its own count."""

    status: str
    answer: Assignment | None
    claimed: float | None = None
    bound: float | None = None
    seconds: float = 0.0
    first_seconds: float | None = None
    warm_seconds: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Plain:
    """The question as a peer takes it: whole orders, options that are in time, cumulative minutes.

    Attributes
    ----------
    order, group, bucket
        By option: whose it is, where it works, and the last bucket in which it is in time.
    """

    num_orders: int
    order: Ints
    cost: Floats
    minutes: Floats
    group: Ints
    bucket: Ints
    unserved: Floats
    open_minutes: Floats


PEERS = {
    "pulp_cbc": "benchmarks.allocation.plain_pulp:run_cbc",
    "pulp_highs": "benchmarks.allocation.plain_pulp:run_highs",
    "plain_highs": "benchmarks.allocation.plain_highs:run",
    "plain_cpsat": "benchmarks.allocation.plain_cpsat:run",
}


def run(instance: Instance, name: str, *, seconds: float, seed: int, workers: int) -> Found:
    """Run a peer.

    Raises
    ------
    RefusedError
        If it cannot say the instance.
    """
    from benchmarks.peers.child import run_in_child

    plain = read_plain(instance.problem)
    found: Found = run_in_child(PEERS[name], plain, seed, workers, seconds=seconds)
    return found


def read_plain(problem: SourcingProblem) -> Plain:
    """Return the question in the peers' terms.

    Raises
    ------
    RefusedError
        If orders may be split or be late, or if pools or loads of units count.
    """
    arrays = problem.arrays
    if (
        (arrays.lots > 1).any()
        or len(arrays.pool_amount)
        or arrays.fairness_weight > 0
        or (arrays.unit_share < 1).any()
    ):
        raise RefusedError("peers take whole orders only, without components, shares and the spread of loads")
    if (np.diff(arrays.load_ptr) != 1).any():
        raise RefusedError("peers take options that work in one place")
    order = np.repeat(np.arange(problem.num_lines), np.diff(arrays.option_ptr))
    late = np.maximum(0, arrays.bucket_late[None, :] - arrays.line_due[order][:, None])
    in_time = late == 0
    dear = (
        late * arrays.minute_cost[order][:, None] + arrays.option_lot_cost[:, None]
        >= arrays.unserved_cost[order][:, None]
    )
    if not (in_time | dear).all() or not in_time.any(axis=1).all():
        raise RefusedError("peers take orders that must be in time")
    return Plain(
        problem.num_lines,
        order,
        arrays.option_lot_cost + arrays.option_fixed_cost,
        arrays.load_minutes + arrays.load_fixed,
        arrays.load_group,
        in_time.shape[1] - 1 - np.argmax(in_time[:, ::-1], axis=1),
        arrays.unserved_cost,
        arrays.group_minutes,
    )


def take(plain: Plain, chosen: Ints) -> tuple[Assignment, float]:
    """Return the answer in which options are chosen, and what it costs."""
    lots = np.zeros(len(plain.order), dtype=np.int64)
    lots[chosen] = 1
    served = np.bincount(plain.order[chosen], minlength=plain.num_orders) > 0
    cost = float(plain.cost[chosen].sum() + plain.unserved[~served].sum())
    return Assignment(lots, np.where(lots > 0, plain.bucket, 0)), cost
