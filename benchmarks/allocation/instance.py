"""An allocation instance: raw data as read or drawn, the question made of it, and a check from the former."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from orderopt.solvers.compiled.sourcing import Assignment, Floats, Ints, Source, SourcingArrays, SourcingProblem


class AnswerError(ValueError):
    """An answer that breaks a rule of the raw data; the message says which."""


class Instance(Protocol):
    """What strategies and the runner need to know."""

    name: str
    problem: SourcingProblem

    def check(self, answer: Assignment) -> float:
        """Return what an answer costs by the raw data.

        Raises
        ------
        AnswerError
            If it breaks a rule.
        """
        ...


@dataclass(frozen=True)
class GapInstance:
    """Generalized assignment: each job to exactly one agent, within the agents' capacities, at least cost.

    Attributes
    ----------
    cost, use
        Shape (m, n).
    capacity
        Shape (m).
    """

    name: str
    cost: Ints
    use: Ints
    capacity: Ints
    problem: SourcingProblem

    def check(self, answer: Assignment) -> float:
        """Return what an answer costs by the raw data."""
        agents, jobs = self.cost.shape
        chosen = np.asarray(answer.lots).reshape(jobs, agents)
        if ((chosen != 0) & (chosen != 1)).any() or (chosen.sum(axis=1) != 1).any():
            raise AnswerError("a job is not done by exactly one agent")
        agent = chosen.argmax(axis=1)
        used = np.zeros(agents, dtype=np.int64)
        total = 0
        for job in range(jobs):
            used[agent[job]] += self.use[agent[job], job]
            total += int(self.cost[agent[job], job])
        if (used > self.capacity).any():
            raise AnswerError(f"agent {int(np.argmax(used > self.capacity))} works beyond its capacity")
        return float(total)


def make_gap(name: str, cost: Ints, use: Ints, capacity: Ints) -> GapInstance:
    """Return the instance with its question: one bucket has the capacity; the open-ended one after it is too late."""
    agents, jobs = cost.shape
    options = agents * jobs
    day = 1440
    beyond = float((cost.max(axis=0) - cost.min(axis=0)).sum() + cost.max() + 1)  # dearer than any complete answer
    none = np.zeros(options)
    agent = np.tile(np.arange(agents), jobs)
    empty, whole = np.zeros(0), np.zeros(0, dtype=np.int64)
    minutes = np.column_stack((capacity, capacity)).astype(np.float64)
    flat: Floats = use.T.ravel().astype(np.float64)
    arrays = SourcingArrays(
        option_ptr=np.arange(0, options + 1, agents),
        lots=np.ones(jobs, dtype=np.int64),
        least_lots=np.ones(jobs, dtype=np.int64),
        line_due=np.full(jobs, day),
        minute_cost=np.full(jobs, beyond),
        unserved_cost=np.full(jobs, beyond),
        option_kind=np.full(options, int(Source.UNIT)),
        option_ready=np.zeros(options, dtype=np.int64),
        option_lead=np.zeros(options, dtype=np.int64),
        option_lot_cost=cost.T.ravel().astype(np.float64),
        option_fixed_cost=none,
        option_unit=agent,
        load_ptr=np.arange(options + 1),
        load_group=agent,
        load_minutes=flat,
        load_fixed=none,
        draw_ptr=np.zeros(options + 1, dtype=np.int64),
        draw_pool=whole,
        draw_amount=empty,
        pool_amount=empty,
        pool_buy=empty,
        pool_make=empty,
        recipe_ptr=np.zeros(1, dtype=np.int64),
        recipe_pool=whole,
        recipe_amount=empty,
        bucket_end=np.array([day, 1000 * day]),
        bucket_late=np.array([day, 1000 * day]),
        group_minutes=minutes,
        unit_minutes=flat,
        unit_capacity=np.zeros(agents),
        unit_share=np.ones(agents),
        line_quantity=np.ones(jobs),
        fairness_weight=0.0,
    )
    return GapInstance(name, cost, use, capacity, SourcingProblem(arrays))


@dataclass(frozen=True)
class DrawnInstance:
    """A question drawn by chance; it is its own raw data, checked order by order without the code of the strategies."""

    name: str
    problem: SourcingProblem

    def check(self, answer: Assignment) -> float:
        """Return what an answer costs by the raw data."""
        arrays = self.problem.arrays
        total = 0.0
        worked = np.zeros_like(arrays.group_minutes)
        drawn = np.zeros(len(arrays.pool_amount))
        minutes = np.zeros(len(arrays.unit_capacity))
        for order in range(len(arrays.lots)):
            wanted, late, served = int(arrays.lots[order]), 0.0, 0
            for option in range(int(arrays.option_ptr[order]), int(arrays.option_ptr[order + 1])):
                lots, bucket = int(answer.lots[option]), int(answer.bucket[option])
                if lots == 0:
                    continue
                if lots < 0 or (wanted > 1 and lots < arrays.least_lots[order]):
                    raise AnswerError(f"order {order} has a part of {lots} lots")
                served += lots
                total += lots * float(arrays.option_lot_cost[option]) + float(arrays.option_fixed_cost[option])
                arrival = int(arrays.bucket_late[bucket])
                late = max(late, max(0, arrival - int(arrays.line_due[order])) * float(arrays.minute_cost[order]))
                for load in range(int(arrays.load_ptr[option]), int(arrays.load_ptr[option + 1])):
                    worked[arrays.load_group[load], bucket] += lots * arrays.load_minutes[load]
                for draw in range(int(arrays.draw_ptr[option]), int(arrays.draw_ptr[option + 1])):
                    drawn[arrays.draw_pool[draw]] += lots * arrays.draw_amount[draw]
                minutes[arrays.option_unit[option]] += lots * arrays.unit_minutes[option]
            if served > wanted:
                raise AnswerError(f"order {order} is served {served} of {wanted}")
            total += late + float(arrays.unserved_cost[order]) * (wanted - served) / wanted
        over = np.cumsum(worked, axis=1)[:, :-1] - arrays.group_minutes[:, :-1]
        if over.size and over.max() > 1e-3:
            raise AnswerError(f"a plant works {over.max():.3f} minutes too much")
        total += self._components(drawn)
        if arrays.fairness_weight > 0:
            relative = minutes / arrays.unit_capacity
            total += arrays.fairness_weight * float(relative.max() - relative.min())
        return total

    def _components(self, drawn: Floats) -> float:
        """Return what components beyond stock cost: those that are made first, then what they are made of."""
        arrays, cost = self.problem.arrays, 0.0
        for is_made in (True, False):
            for pool in np.flatnonzero(np.isfinite(arrays.pool_make) == is_made):
                beyond = max(0.0, float(drawn[pool] - arrays.pool_amount[pool]))
                if is_made:
                    cost += beyond * float(arrays.pool_make[pool])
                    for need in range(int(arrays.recipe_ptr[pool]), int(arrays.recipe_ptr[pool + 1])):
                        drawn[arrays.recipe_pool[need]] += beyond * arrays.recipe_amount[need]
                elif beyond > 1e-3 and np.isinf(arrays.pool_buy[pool]):
                    raise AnswerError(f"component {pool} is short of {beyond:.3f}")
                elif np.isfinite(arrays.pool_buy[pool]):
                    cost += beyond * float(arrays.pool_buy[pool])
        return cost
