"""The strategy ``cpsat`` for allocation: who serves which line, in which time bucket."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from ortools.sat.python import cp_model

from orderopt.models.summary import Status
from orderopt.solvers.allocation.greedy import assign
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.sourcing import Ints, SourcingChoice, SourcingProblem, choice_cost
from orderopt.solvers.cpsat.search import run
from orderopt.solvers.outcome import Outcome

Linear = cp_model.LinearExprT

MINUTE_PARTS = 10
"""Parts of a minute in which loads are counted (rounded down, so that the bound stays valid)."""


class CpSatAllocation:
    """One literal for each option and bucket; loads add up over the buckets before."""

    def allocate(self, problem: SourcingProblem, budget: Budget) -> Outcome[SourcingChoice]:
        """Return the best choice found and the bound proven."""
        model = _SourcingModel(problem)
        choice, bucket = assign(problem)
        model.hint(choice, bucket)
        began = budget.remaining

        def tell(objective: float, bound: float) -> None:
            budget.on_progress(Progress("allocate", "CP-SAT", began - budget.remaining,
                                        objective / model.scale, bound / model.scale))

        search = run(model.model, budget, tell=tell)
        bound = search.bound / model.scale
        if not search.has_solution:
            cost = choice_cost(problem, choice, bucket)
            return Outcome(Status.FEASIBLE, choice, cost, bound, "no better choice in time")
        found, when = model.read_back(search.solver)
        cost = choice_cost(problem, found, when)
        return Outcome(search.status, found, cost, min(bound, cost), "proven" if search.status is Status.OPTIMAL
                       else "time")


class _SourcingModel:
    """The CP-SAT model of a sourcing problem; costs are rounded down, so that its bound is valid."""

    def __init__(self, problem: SourcingProblem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        arrays = problem.arrays
        top = float(arrays.unserved_cost.sum()) + 1.0
        self.scale = 1000.0
        while top * self.scale > 1 << 50 and self.scale > 1e-6:
            self.scale /= 10
        self.cost: list[Linear] = []
        self.loads: dict[tuple[int, int], list[Linear]] = defaultdict(list)
        self.draws: dict[int, list[tuple[float, Linear]]] = defaultdict(list)
        self.ready: dict[tuple[int, int], cp_model.IntVar] = {}
        self.first_bucket: dict[int, int] = {}
        self.lots: dict[int, Linear] = {}
        for line in range(problem.num_lines):
            self._add_line(line)
        self._post_groups()
        self._post_pools()
        self._post_units()
        self.model.minimize(sum(self.cost))

    def _charge(self, cost: float, expression: Linear) -> None:
        scaled = int(np.floor(cost * self.scale))
        if scaled:
            self.cost.append(scaled * expression)

    def _add_line(self, line: int) -> None:
        arrays, problem, model = self.problem.arrays, self.problem, self.model
        lots = int(arrays.lots[line])
        missing = model.new_bool_var(f"unserved{line}") if lots == 1 else model.new_int_var(0, lots, f"unserved{line}")
        self._charge(arrays.unserved_cost[line] / lots, missing)
        parts: list[Linear] = [missing]
        lates: list[tuple[float, cp_model.IntVar]] = []
        for option in range(int(arrays.option_ptr[line]), int(arrays.option_ptr[line + 1])):
            buckets = self._buckets(line, option)
            self.first_bucket[option] = buckets[0]
            literals = [model.new_bool_var(f"ready{option}_{bucket}") for bucket in buckets]
            if lots == 1:
                used: Linear = sum(literals)
                quantity: Linear = used
            else:
                used = model.new_bool_var(f"used{option}")
                model.add(sum(literals) == used)
                quantity = model.new_int_var(0, lots, f"lots{option}")
                model.add(quantity <= lots * used)
                model.add(quantity >= max(1, int(arrays.least_lots[line])) * used)
            self.lots[option] = quantity
            parts.append(quantity)
            self._charge(arrays.option_lot_cost[option], quantity)
            self._charge(arrays.option_fixed_cost[option], used)
            for bucket, literal in zip(buckets, literals, strict=True):
                self.ready[option, bucket] = literal
                lates.append((problem.late_cost(line, option, bucket), literal))
                self._load(option, bucket, literal, lots)
            for draw in range(arrays.draw_ptr[option], arrays.draw_ptr[option + 1]):
                self.draws[int(arrays.draw_pool[draw])].append((float(arrays.draw_amount[draw]), quantity))
        model.add(sum(parts) == lots)
        if lots == 1:
            for cost, literal in lates:
                self._charge(cost, literal)
        elif any(cost > 0 for cost, _ in lates):
            highest = int(max(cost for cost, _ in lates) * self.scale)
            late = model.new_int_var(0, highest, f"late{line}")
            for cost, literal in lates:
                model.add(late >= int(cost * self.scale)).only_enforce_if(literal)
            self.cost.append(late)

    def _buckets(self, line: int, option: int) -> list[int]:
        """Return the buckets worth a look: from the first possible on, one of those that are not late at most."""
        problem = self.problem
        first = problem.first_bucket(option)
        arrays = problem.arrays
        if arrays.load_ptr[option] == arrays.load_ptr[option + 1]:
            return [first]  # takes no capacity: as early as it can be
        in_time = [
            bucket for bucket in range(first, problem.num_buckets) if problem.late_cost(line, option, bucket) == 0.0
        ]
        earliest = in_time[-1] if in_time else first  # the last bucket in time leaves the most room
        return list(range(earliest, problem.num_buckets))

    def _load(self, option: int, bucket: int, literal: cp_model.IntVar, lots: int) -> None:
        arrays = self.problem.arrays
        for load in range(arrays.load_ptr[option], arrays.load_ptr[option + 1]):
            group = int(arrays.load_group[load])
            fixed, each = float(arrays.load_fixed[load]), float(arrays.load_minutes[load])
            if lots == 1:
                minutes = int((fixed + each) * MINUTE_PARTS)
                if minutes:
                    self.loads[group, bucket].append(minutes * literal)
                continue
            quantity = self.lots[option]
            here = self.model.new_int_var(0, lots, f"lots{option}_{bucket}_{load}")
            self.model.add(here >= quantity - lots * (1 - literal))
            if int(each * MINUTE_PARTS):
                self.loads[group, bucket].append(int(each * MINUTE_PARTS) * here)
            if int(fixed * MINUTE_PARTS):
                self.loads[group, bucket].append(int(fixed * MINUTE_PARTS) * literal)

    def _post_groups(self) -> None:
        minutes = self.problem.arrays.group_minutes
        last = self.problem.num_buckets - 1
        for group in range(len(minutes)):
            so_far: list[Linear] = []
            for bucket in range(last):
                so_far.extend(self.loads.get((group, bucket), ()))
                if self.loads.get((group, bucket)):
                    self.model.add(sum(so_far) <= max(0, int(np.ceil(minutes[group, bucket] * MINUTE_PARTS))))

    def _post_pools(self) -> None:
        arrays = self.problem.arrays
        for pool, draws in self.draws.items():
            parts = 1000
            taken = sum(int(amount * parts) * quantity for amount, quantity in draws)
            amount = int(np.ceil(arrays.pool_amount[pool] * parts))
            price = float(arrays.pool_price[pool])
            if np.isinf(price):
                self.model.add(taken <= amount)
            elif price > 0:
                most = sum(int(need * parts) for need, _ in draws) * int(arrays.lots.max())
                beyond = self.model.new_int_var(0, max(most, 1), f"beyond{pool}")
                self.model.add(beyond >= taken - amount)
                self._charge(price / parts, beyond)

    def _post_units(self) -> None:
        """Post the highest share of each unit, and charge the spread of loads."""
        arrays = self.problem.arrays
        made: dict[int, list[Linear]] = defaultdict(list)
        minutes: dict[int, list[Linear]] = defaultdict(list)
        for line in range(self.problem.num_lines):
            each = float(arrays.line_quantity[line]) / int(arrays.lots[line])
            for option in range(int(arrays.option_ptr[line]), int(arrays.option_ptr[line + 1])):
                unit = int(arrays.option_unit[option])
                if unit >= 0:
                    made[unit].append(round(each * 1000) * self.lots[option])
                    minutes[unit].append(int(arrays.unit_minutes[option] * MINUTE_PARTS) * self.lots[option])
        everything = sum(part for parts in made.values() for part in parts)
        for unit, parts in made.items():
            share = float(arrays.unit_share[unit])
            if share < 1:
                self.model.add(10_000 * sum(parts) <= int(share * 10_000) * everything)
        counted = [unit for unit in range(len(arrays.unit_capacity)) if arrays.unit_capacity[unit] > 0]
        if arrays.fairness_weight > 0 and len(counted) > 1:
            top = self.model.new_int_var(0, 1 << 45, "highest load")
            bottom = self.model.new_int_var(0, 1 << 45, "lowest load")
            for unit in counted:
                weight = int(arrays.fairness_weight * self.scale * 100 / (arrays.unit_capacity[unit] * MINUTE_PARTS))
                load = weight * sum(minutes.get(unit, []))
                self.model.add(100 * top >= load)
                self.model.add(100 * bottom <= load)
            self.cost.append(top - bottom)

    def hint(self, choice: SourcingChoice, bucket: Ints) -> None:
        """Hint a choice."""
        for (option, when), literal in self.ready.items():
            hinted = max(int(bucket[option]), self.first_bucket[option])
            self.model.add_hint(literal, bool(choice.lots[option]) and when == hinted)
        for option, quantity in self.lots.items():
            if isinstance(quantity, cp_model.IntVar) and (option, self.first_bucket[option]) in self.ready:
                if quantity.index != self.ready[option, self.first_bucket[option]].index:
                    self.model.add_hint(quantity, int(choice.lots[option]))

    def read_back(self, solver: cp_model.CpSolver) -> tuple[SourcingChoice, Ints]:
        """Return the choice of a solution and the bucket of each used option."""
        lots = np.zeros(self.problem.num_options, dtype=np.int64)
        bucket = np.zeros(self.problem.num_options, dtype=np.int64)
        for option, quantity in self.lots.items():
            lots[option] = solver.value(quantity)
        for (option, when), literal in self.ready.items():
            if solver.value(literal):
                bucket[option] = when
        return SourcingChoice(lots), bucket
