"""The strategy ``cpsat`` for allocation: who serves which line, in which time bucket."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from ortools.sat.python import cp_model

from orderopt.models.summary import Status
from orderopt.solvers.allocation.greedy import assign, cheaper
from orderopt.solvers.allocation.warm import await_kernels
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.sourcing import Assignment, SourcingProblem, assignment_cost, pool_prices
from orderopt.solvers.cpsat.expression import Linear
from orderopt.solvers.cpsat.search import run
from orderopt.solvers.outcome import Outcome

MINUTE_PARTS = 10
"""Parts of a minute in which loads are counted (rounded down, so that the bound stays valid)."""


MOST_PARTS = 1 << 33
"""Most thousandths of a component that are made or bought."""


class CpSatAllocation:
    """One count of lots for each option and bucket; minutes left over carry to later buckets."""

    def allocate(
        self, problem: SourcingProblem, budget: Budget, *, start: Assignment | None = None
    ) -> Outcome[Assignment]:
        """Return the best choice found and the bound proven."""
        budget = await_kernels(budget, search=False)
        model = _SourcingModel(problem)
        choice = start if start is not None else assign(problem)
        cost = assignment_cost(problem, choice)
        model.hint(choice)

        def tell(objective: float, bound: float) -> None:
            budget.on_progress(
                Progress(
                    "allocate",
                    "CP-SAT",
                    budget.seconds - budget.remaining,
                    objective / model.scale,
                    bound / model.scale,
                )
            )

        search = run(model.model, budget, tell=tell, cp_model_probing_level=0, symmetry_level=0)
        bound = search.bound / model.scale
        if not search.has_solution:
            return Outcome(Status.FEASIBLE, choice, cost, bound, "no better choice in time")
        choice = cheaper(problem, model.read_back(search.solver), choice)
        return Outcome(
            search.status,
            choice,
            assignment_cost(problem, choice),
            bound,
            "proven" if search.status is Status.OPTIMAL else "time",
        )


class _SourcingModel:
    """The CP-SAT model of a sourcing problem; costs are rounded down, so that its bound is valid."""

    def __init__(self, problem: SourcingProblem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        arrays = problem.arrays
        top = float(arrays.unserved_cost.sum()) + 1.0
        self.scale = 100_000.0
        while top * self.scale > 1 << 50 and self.scale > 1e-6:
            self.scale /= 10
        self.cost: list[Linear] = []
        self.loads: dict[tuple[int, int], list[Linear]] = defaultdict(list)
        self.draws: dict[int, list[tuple[float, Linear]]] = defaultdict(list)
        self.ready: dict[tuple[int, int], cp_model.IntVar] = {}
        self.missing: dict[int, cp_model.IntVar] = {}
        self.used: dict[int, cp_model.IntVar] = {}
        self.late: dict[tuple[int, int], cp_model.IntVar] = {}
        self.over: dict[tuple[int, int], cp_model.IntVar] = {}
        self.made: dict[int, cp_model.IntVar] = {}
        self.bought: dict[int, cp_model.IntVar] = {}
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
        arrays = self.problem.arrays
        lots = int(arrays.lots[line])
        missing = self.model.new_int_var(0, lots, f"unserved{line}")
        self.missing[line] = missing
        self._charge(arrays.unserved_cost[line] / lots, missing)
        parts: list[Linear] = [missing]
        for option in range(int(arrays.option_ptr[line]), int(arrays.option_ptr[line + 1])):
            buckets = self._buckets(line, option)
            self.first_bucket[option] = buckets[0]
            for bucket in buckets:
                self.ready[option, bucket] = self.model.new_int_var(0, lots, f"ready{option}_{bucket}")
            served = [self.ready[option, bucket] for bucket in buckets]
            self.lots[option] = sum(served)
            parts += served
            self._charge(arrays.option_lot_cost[option], self.lots[option])
            if lots > 1 or arrays.option_fixed_cost[option] > 0:
                self._add_use(line, option, lots)
            for bucket in buckets:
                self._load(option, bucket, lots)
            for draw in range(arrays.draw_ptr[option], arrays.draw_ptr[option + 1]):
                self.draws[int(arrays.draw_pool[draw])].append((float(arrays.draw_amount[draw]), self.lots[option]))
        self.model.add(sum(parts) == lots)
        self._charge_lateness(line, lots)

    def _add_use(self, line: int, option: int, lots: int) -> None:
        """Charge the fixed cost of an option, and keep its part of a split line from being too small."""
        arrays = self.problem.arrays
        least = max(1, int(arrays.least_lots[line])) if lots > 1 else 1
        if lots == 1:
            self._charge(arrays.option_fixed_cost[option], self.lots[option])
            return
        if least == 1 and not arrays.option_fixed_cost[option]:
            return
        used = self.used[option] = self.model.new_bool_var(f"used{option}")
        self.model.add(self.lots[option] <= lots * used)
        self.model.add(self.lots[option] >= least * used)
        self._charge(arrays.option_fixed_cost[option], used)

    def _charge_lateness(self, line: int, lots: int) -> None:
        """Charge a line for its latest bucket (whole lines: for the one they use)."""
        arrays, problem = self.problem.arrays, self.problem
        by_bucket: dict[int, list[tuple[float, cp_model.IntVar]]] = defaultdict(list)
        for option in range(int(arrays.option_ptr[line]), int(arrays.option_ptr[line + 1])):
            for bucket in range(self.first_bucket[option], problem.num_buckets):
                if (option, bucket) in self.ready:
                    # dearer than unserved is never taken, so it need not be told apart (nor overflow)
                    cost = min(problem.late_cost(line, option, bucket), float(arrays.unserved_cost[line]) + 1.0)
                    if cost > 0:
                        by_bucket[bucket].append((cost, self.ready[option, bucket]))
        if lots == 1:
            for found in by_bucket.values():
                for cost, literal in found:
                    self._charge(cost, literal)
            return
        steps = sorted({int(cost * self.scale) for found in by_bucket.values() for cost, _ in found})
        before = 0
        for step in steps:  # the cost climbs step by step: literal i says "at least as late as step i"
            reached = self.late[line, step] = self.model.new_bool_var(f"late{line}_{step}")
            worse = [
                literal for found in by_bucket.values() for cost, literal in found if int(cost * self.scale) >= step
            ]
            self.model.add(sum(worse) <= lots * reached)
            self.cost.append((step - before) * reached)
            before = step

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

    def _load(self, option: int, bucket: int, lots: int) -> None:
        arrays = self.problem.arrays
        for load in range(arrays.load_ptr[option], arrays.load_ptr[option + 1]):
            minutes = float(arrays.load_minutes[load])
            if lots == 1:
                minutes += float(arrays.load_fixed[load])
            if int(minutes * MINUTE_PARTS):
                self.loads[int(arrays.load_group[load]), bucket].append(
                    int(minutes * MINUTE_PARTS) * self.ready[option, bucket]
                )

    def _post_groups(self) -> None:
        """Carry the minutes that a bucket leaves over to the next, never below zero."""
        minutes = np.ceil(self.problem.arrays.group_minutes * MINUTE_PARTS).astype(np.int64)
        last = self.problem.num_buckets - 1
        for group in range(len(minutes)):
            loaded = [bucket for bucket in range(last) if self.loads.get((group, bucket))]
            before, carried = 0, None
            for bucket in loaded:
                capacity = max(0, int(minutes[group, bucket]))
                over = self.over[group, bucket] = self.model.new_int_var(0, capacity, f"over{group}_{bucket}")
                self.model.add(
                    sum(self.loads[group, bucket]) + over == capacity - before + (0 if carried is None else carried)
                )
                before, carried = capacity, over

    def _post_pools(self) -> None:
        """Keep what is drawn of a pool to what lies there, is bought or is made (in thousandths)."""
        arrays, parts = self.problem.arrays, 1000
        drawn: dict[int, list[Linear]] = defaultdict(list)  # in millionths
        for pool, draws in self.draws.items():
            drawn[pool] += [int(amount * parts * parts) * quantity for amount, quantity in draws]
        made = self.made = {
            pool: self.model.new_int_var(0, MOST_PARTS, f"made{pool}")
            for pool in range(len(arrays.pool_amount))
            if np.isfinite(arrays.pool_make[pool])
        }
        for pool, quantity in made.items():
            self._charge(float(arrays.pool_make[pool]) / parts, quantity)
            for need in range(int(arrays.recipe_ptr[pool]), int(arrays.recipe_ptr[pool + 1])):
                amount = int(float(arrays.recipe_amount[need]) * parts)
                drawn[int(arrays.recipe_pool[need])].append(amount * quantity)
        for pool, taken in drawn.items():
            supply: Linear = int(np.ceil(arrays.pool_amount[pool] * parts)) + made.get(pool, 0)
            if np.isfinite(arrays.pool_buy[pool]):
                bought = self.bought[pool] = self.model.new_int_var(0, MOST_PARTS, f"bought{pool}")
                self._charge(float(arrays.pool_buy[pool]) / parts, bought)
                supply = supply + bought
            self.model.add(sum(taken) <= parts * supply)

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

    def hint(self, choice: Assignment) -> None:
        """Hint a choice and all that follows from it."""
        problem, arrays = self.problem, self.problem.arrays
        when = {option: max(int(choice.bucket[option]), first) for option, first in self.first_bucket.items()}
        for (option, place), literal in self.ready.items():
            self.model.add_hint(literal, int(choice.lots[option]) if place == when[option] else 0)
        for option, used in self.used.items():
            self.model.add_hint(used, bool(choice.lots[option]))
        worst: dict[int, float] = {}
        for line, missing in self.missing.items():
            options = range(int(arrays.option_ptr[line]), int(arrays.option_ptr[line + 1]))
            self.model.add_hint(missing, int(arrays.lots[line] - sum(choice.lots[option] for option in options)))
            costs = [problem.late_cost(line, option, when[option]) for option in options if choice.lots[option]]
            worst[line] = max(costs, default=0.0)
        for (line, step), reached in self.late.items():
            self.model.add_hint(reached, int(worst[line] * self.scale) >= step)
        self._hint_minutes(choice, when)
        self._hint_pools(choice)

    def _hint_minutes(self, choice: Assignment, when: dict[int, int]) -> None:
        arrays = self.problem.arrays
        capacity = np.maximum(np.ceil(arrays.group_minutes * MINUTE_PARTS).astype(np.int64), 0)
        loaded = np.zeros_like(capacity)
        whole = {option for line, option in self._options() if arrays.lots[line] == 1}
        for option in np.flatnonzero(choice.lots):
            for load in range(arrays.load_ptr[option], arrays.load_ptr[option + 1]):
                minutes = float(arrays.load_minutes[load])
                minutes += float(arrays.load_fixed[load]) if option in whole else 0.0
                loaded[arrays.load_group[load], when[int(option)]] += int(minutes * MINUTE_PARTS) * choice.lots[option]
        left = capacity - np.cumsum(loaded, axis=1)
        for (group, bucket), over in self.over.items():
            self.model.add_hint(over, int(max(0, min(left[group, bucket], capacity[group, bucket]))))

    def _options(self) -> list[tuple[int, int]]:
        arrays = self.problem.arrays
        return [
            (line, option)
            for line in range(self.problem.num_lines)
            for option in range(int(arrays.option_ptr[line]), int(arrays.option_ptr[line + 1]))
        ]

    def _hint_pools(self, choice: Assignment) -> None:
        """Hint what a choice makes and buys, rounded exactly as the rules on pools round it."""
        arrays, parts = self.problem.arrays, 1000
        prices = pool_prices(self.problem)
        drawn = [0] * len(arrays.pool_amount)  # in millionths
        for option in np.flatnonzero(choice.lots):
            for draw in range(arrays.draw_ptr[option], arrays.draw_ptr[option + 1]):
                amount = int(float(arrays.draw_amount[draw]) * parts * parts)
                drawn[arrays.draw_pool[draw]] += amount * int(choice.lots[option])
        lying = [int(np.ceil(amount * parts)) for amount in arrays.pool_amount]
        made, beyond = dict.fromkeys(self.made, 0), [0] * len(drawn)
        for _ in range(len(drawn) + 1):  # a level of the bills of material each time
            need = drawn.copy()
            for item, quantity in made.items():
                for entry in range(arrays.recipe_ptr[item], arrays.recipe_ptr[item + 1]):
                    need[arrays.recipe_pool[entry]] += int(float(arrays.recipe_amount[entry]) * parts) * quantity
            beyond = [max(0, -(-total // parts) - lies) for total, lies in zip(need, lying, strict=True)]
            makes = {item: beyond[item] if prices[item] < arrays.pool_buy[item] else 0 for item in made}
            if makes == made:
                break
            made = makes
        for item, variable in self.made.items():
            self.model.add_hint(variable, made[item])
        for item, variable in self.bought.items():
            self.model.add_hint(variable, 0 if made.get(item) else beyond[item])

    def read_back(self, solver: cp_model.CpSolver) -> Assignment:
        """Return the choice of a solution and the bucket of each used option."""
        lots = np.zeros(self.problem.num_options, dtype=np.int64)
        bucket = np.zeros(self.problem.num_options, dtype=np.int64)
        for option, quantity in self.lots.items():
            lots[option] = solver.value(quantity)
        for (option, when), literal in self.ready.items():
            if solver.value(literal):
                bucket[option] = max(when, int(bucket[option]))
        return Assignment(lots, bucket)
