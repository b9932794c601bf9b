"""The strategy ``greedy``: lines by urgency, each to the option that costs least with what is left."""

from __future__ import annotations

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import Assignment, Ints, SourcingProblem, assignment_cost, pool_prices
from orderopt.solvers.outcome import Outcome

FEW_LINES = 5_000
"""Up to this many lines several orders are tried."""


class Greedy:
    """One pass over the lines; capacity and pools are what earlier lines left."""

    def allocate(
        self, problem: SourcingProblem, budget: Budget, *, start: Assignment | None = None
    ) -> Outcome[Assignment]:
        """Return a choice that respects pools and, as far as lateness pays, capacity."""
        choice = cheaper(problem, assign(problem), start)
        return Outcome(Status.FEASIBLE, choice, assignment_cost(problem, choice), None, "one pass")


def cheaper(problem: SourcingProblem, choice: Assignment, other: Assignment | None) -> Assignment:
    """Return the cheaper of two choices."""
    if other is None or assignment_cost(problem, choice) <= assignment_cost(problem, other):
        return choice
    return other


def assign(problem: SourcingProblem) -> Assignment:
    """Return the cheapest greedy choice over some orders of the lines."""
    orders = _orders(problem)
    made = []
    for order in orders if problem.num_lines <= FEW_LINES else orders[:1]:
        state = _State(problem)
        for line in order:
            state.serve(int(line))
        made.append(Assignment(state.lots, state.bucket))
    return min(made, key=lambda choice: assignment_cost(problem, choice))


def complete(problem: SourcingProblem, choice: Assignment) -> Assignment:
    """Return a choice with the lines that it does not serve whole, or not lawfully, served anew greedily."""
    state, arrays = _State(problem), problem.arrays
    again = []
    for line in range(problem.num_lines):
        options = range(int(arrays.option_ptr[line]), int(arrays.option_ptr[line + 1]))
        served = [int(choice.lots[option]) for option in options if choice.lots[option]]
        lawful = arrays.lots[line] == 1 or all(lots >= arrays.least_lots[line] for lots in served)
        if sum(served) == arrays.lots[line] and lawful:
            for option in options:
                if lots := int(choice.lots[option]):
                    _, earliest = state.cost(line, option, lots)
                    state.take(option, lots, max(int(choice.bucket[option]), earliest))
        else:
            again.append(line)
    for line in sorted(again, key=lambda each: (arrays.line_due[each], each)):
        state.serve(line)
    return Assignment(state.lots, state.bucket)


def _orders(problem: SourcingProblem) -> list[Ints]:
    """Return orders of the lines: by due date, by urgency, and by what the second best source would cost more."""
    arrays, state = problem.arrays, _State(problem)
    regret = np.zeros(problem.num_lines)
    for line in range(problem.num_lines):
        costs = sorted(
            state.cost(line, option, int(arrays.lots[line]))[0]
            for option in range(arrays.option_ptr[line], arrays.option_ptr[line + 1])
        )
        second = costs[1] if len(costs) > 1 else arrays.unserved_cost[line]
        regret[line] = min(second, arrays.unserved_cost[line]) - costs[0] if costs else 0.0
    return [
        np.lexsort((-regret, arrays.line_due)),
        np.lexsort((-regret, arrays.line_due, -arrays.minute_cost)),
        np.argsort(-regret, kind="stable"),
    ]


class _State:
    def __init__(self, problem: SourcingProblem) -> None:
        self.problem = problem
        self.minutes = problem.arrays.group_minutes.copy()
        self.pools = problem.arrays.pool_amount.copy()
        self.prices = pool_prices(problem)
        self.lots = np.zeros(problem.num_options, dtype=np.int64)
        self.bucket = np.zeros(problem.num_options, dtype=np.int64)

    def serve(self, line: int) -> None:
        arrays = self.problem.arrays
        left = int(arrays.lots[line])
        options = range(int(arrays.option_ptr[line]), int(arrays.option_ptr[line + 1]))
        while left:
            best: tuple[float, int, int, int] | None = None
            for option in options:
                if self.lots[option]:
                    continue
                lots = self.most(option, left)
                rest = left - lots
                if lots < left and (
                    arrays.lots[line] == 1 or lots < arrays.least_lots[line] or 0 < rest < arrays.least_lots[line]
                ):
                    continue
                if not lots:
                    continue
                cost, bucket = self.cost(line, option, lots)
                rate = cost / lots
                if best is None or rate < best[0]:
                    best = rate, option, lots, bucket
            if best is None or best[0] >= arrays.unserved_cost[line] / arrays.lots[line]:
                return
            _, option, lots, bucket = best
            self.take(option, lots, bucket)
            left -= lots

    def most(self, option: int, lots: int) -> int:
        """Return how many lots the pools leave for an option."""
        arrays = self.problem.arrays
        for draw in range(arrays.draw_ptr[option], arrays.draw_ptr[option + 1]):
            pool, amount = arrays.draw_pool[draw], arrays.draw_amount[draw]
            if amount > 0 and np.isinf(self.prices[pool]):
                lots = min(lots, int((self.pools[pool] + 1e-9) / amount))
        return max(lots, 0)

    def cost(self, line: int, option: int, lots: int) -> tuple[float, int]:
        """Return the cost of serving lots by an option, and the bucket in which it would be ready."""
        arrays, problem = self.problem.arrays, self.problem
        bucket = problem.first_bucket(option)
        loads = range(int(arrays.load_ptr[option]), int(arrays.load_ptr[option + 1]))
        for load in loads:
            needed = arrays.load_minutes[load] * lots + arrays.load_fixed[load]
            if needed <= 0:
                continue
            left = self.minutes[arrays.load_group[load]]
            enough = np.flatnonzero(np.minimum.accumulate(left[::-1])[::-1] >= needed - 1e-6)
            bucket = max(bucket, int(enough[0]) if len(enough) else problem.num_buckets - 1)
        cost = lots * arrays.option_lot_cost[option] + arrays.option_fixed_cost[option]
        cost += problem.late_cost(line, option, bucket)
        for draw in range(arrays.draw_ptr[option], arrays.draw_ptr[option + 1]):
            pool = arrays.draw_pool[draw]
            beyond = arrays.draw_amount[draw] * lots - max(self.pools[pool], 0.0)
            if beyond > 0 and np.isfinite(self.prices[pool]):
                cost += beyond * self.prices[pool]
        return float(cost), bucket

    def take(self, option: int, lots: int, bucket: int) -> None:
        arrays = self.problem.arrays
        for load in range(arrays.load_ptr[option], arrays.load_ptr[option + 1]):
            needed = arrays.load_minutes[load] * lots + arrays.load_fixed[load]
            self.minutes[arrays.load_group[load], bucket:] -= needed
        for draw in range(arrays.draw_ptr[option], arrays.draw_ptr[option + 1]):
            self.pools[arrays.draw_pool[draw]] -= arrays.draw_amount[draw] * lots
        self.lots[option], self.bucket[option] = lots, bucket
