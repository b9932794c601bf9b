"""One CP-SAT model of allocation, procurement and scheduling, for small inputs: it proves what is best."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
from ortools.sat.python import cp_model

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.integrated import (
    Boarding,
    DemandQuestion,
    IntegratedChoice,
    IntegratedProblem,
    LineQuestion,
    PartCandidate,
    QuotaQuestion,
)
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, ShopArrays
from orderopt.solvers.cpsat.expression import Linear
from orderopt.solvers.cpsat.promise import LineCosts, post_arrival
from orderopt.solvers.cpsat.search import run
from orderopt.solvers.cpsat.shop_model import ShopModel
from orderopt.solvers.cpsat.shop_rules import post_rules
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.limits import safe_horizon


def decide(problem: IntegratedProblem, budget: Budget, top: float) -> Outcome[IntegratedChoice]:
    """Return the best set of decisions, if one that costs less than `top` exists.

    Parameters
    ----------
    problem
        The question.
    top
        Cost of a plan that is known already.

    Returns
    -------
    Outcome
        INFEASIBLE means that nothing beats `top`, proven.
    """
    model = _IntegratedModel(problem, top)
    shop = model.shop

    def tell(objective: float, bound: float) -> None:
        budget.on_progress(Progress("integrate", "CP-SAT", 0.0, objective / shop.scale, bound / shop.scale))

    # The spread of loads is hard to see for the default search; a tighter relaxation sees it.
    level = 2 if problem.shop.fairness_weight > 0 else 1
    search = run(shop.model, budget, tell=tell, linearization_level=level)
    bound = search.bound / shop.scale
    if search.status is Status.INFEASIBLE:
        return Outcome(Status.INFEASIBLE, None, None, top, "nothing costs less")
    if not search.has_solution:
        return Outcome(Status.UNKNOWN, None, None, max(0.0, bound), "time")
    return Outcome(
        search.status,
        model.read_back(search.solver),
        search.objective / shop.scale,
        max(0.0, bound),
        "proven" if search.status is Status.OPTIMAL else "time",
    )


def _without_links(arrays: ShopArrays) -> ShopArrays:
    """Return the arrays without links between jobs: which components a job waits for is a decision."""
    return arrays._replace(link_ptr=np.zeros_like(arrays.link_ptr))


def _arrival_of(candidate: PartCandidate) -> int:
    """Return when a part of a known supply arrives; about FOREVER where it never does."""
    at, boarding = candidate.available, candidate.boarding
    if boarding.departures is not None:
        at = next((leave for leave in boarding.departures if leave >= at), FOREVER)
    return at + boarding.lead


class _IntegratedModel:
    def __init__(self, problem: IntegratedProblem, top: float) -> None:
        self.problem = problem
        earliest, latest = self._windows(top)
        others = [_arrival_of(each) for line in problem.lines for each in line.candidates if each.supply != NONE]
        last = max((arrival for arrival in others if arrival < FOREVER // 2), default=0)
        self.shop = ShopModel(problem.shop, earliest, latest, tops=top, other_arrivals=last)
        self.model = self.shop.model
        self.made = {job: self.model.new_bool_var(f"made{job}") for job in problem.optional}
        self.shop.present = dict(self.made)
        post_rules(self.shop)
        self.taken: dict[tuple[int, int], Linear] = {}
        self.pegs: list[tuple[int, int, int, Linear]] = []
        self.drawn: dict[int, list[Linear]] = defaultdict(list)
        self.used_parts: dict[tuple[int, int], Linear] = {}
        self.lots: dict[int, cp_model.IntVar] = {}
        self.boarded: dict[tuple[int, int], list[tuple[Linear, Linear]]] = defaultdict(list)
        self.fares: dict[int, Boarding] = {}
        self.running_departures: dict[tuple[int, int, int], list[tuple[int, cp_model.IntVar]]] = {}
        for number, line in enumerate(problem.lines):
            self._add_line(number, line)
        for number, demand in enumerate(problem.demands):
            self._add_demand(number, demand)
        self._post_supplies()
        self._post_shares()
        for quota in problem.quotas:
            self._post_quota(quota)
        self._post_departures()
        self.shop.minimise()
        self.model.add(sum(self.shop.cost) <= int(top * self.shop.scale) + 1)

    def _windows(self, top: float) -> tuple[np.ndarray, np.ndarray]:
        shop = self.problem.shop
        arrays = _without_links(shop.relaxed)
        earliest, _ = kernels.heads(arrays)
        horizon = safe_horizon(shop, self.problem.latest_supply)
        limit = np.full(shop.num_jobs, horizon, dtype=np.int64)
        for job in np.flatnonzero(arrays.job_line != NONE):
            line = int(arrays.job_line[job])
            if arrays.line_weight[line] > 0:
                allowed = int(arrays.line_due[line] + top / arrays.line_weight[line] + 1)
                limit[job] = min(horizon, allowed - int(arrays.job_lead[job]))
        latest, _ = kernels.tails(arrays, limit, np.ones(len(shop.open_times)))
        latest = np.minimum(latest, limit[arrays.task_job])
        return np.minimum(earliest, FOREVER // 8), np.maximum(latest, np.minimum(earliest, FOREVER // 8))

    # ---- lines ---------------------------------------------------------------------------------------

    def _add_line(self, number: int, line: LineQuestion) -> None:
        grain = self._grain(line)
        grains = self.model.new_int_var(0, line.wanted // grain, f"missing{number}")
        self.shop.add_cost(grains, line.unserved_cost * grain / line.wanted)
        served: list[Linear] = [grain * grains]
        used: dict[int, Linear] = {}
        for place, candidate in enumerate(line.candidates):
            quantity, literal = self._add_part(number, place, line, candidate, grain)
            served.append(quantity)
            used[place] = literal
        self.model.add(sum(served) == line.wanted)
        for group in line.groups:
            self.model.add(sum(used[place] for place in group) <= 1)

    def _grain(self, line: LineQuestion) -> int:
        """Return the quantity of which every part of a line is a multiple, so that costs are not rounded away."""
        if not line.may_split:
            return line.wanted
        amounts = [line.wanted, line.min_split]
        for candidate in line.candidates:
            amounts.append(candidate.quantity)
            if candidate.supply != NONE:
                amounts.append(self.problem.supplies[candidate.supply].amount)
        return math.gcd(*amounts)

    def _add_part(
        self, number: int, place: int, line: LineQuestion, candidate: PartCandidate, grain: int
    ) -> tuple[Linear, Linear]:
        model, shop = self.model, self.shop
        if candidate.job != NONE:
            literal: Linear = self.made[candidate.job]
            grains: Linear = candidate.quantity // grain * literal
        elif line.may_split:
            most = line.wanted // grain
            literal = model.new_bool_var(f"part{number}_{place}")
            grains = model.new_int_var(0, most, f"quantity{number}_{place}")
            model.add(grains <= most * literal)
            model.add(grains >= max(1, min(line.min_split, line.wanted) // grain) * literal)
        else:
            literal = grains = model.new_bool_var(f"part{number}_{place}")
        quantity = grain * grains
        self.taken[number, place], self.used_parts[number, place] = quantity, literal
        if candidate.supply != NONE:
            self.drawn[candidate.supply].append(quantity)
            self._post_lateness(number, line, candidate, literal)
        boarding = candidate.boarding
        shop.add_cost(grains, (boarding.each + candidate.dislike) * grain)
        if boarding.departures is None:
            shop.add_cost(literal, boarding.fixed)
        else:
            self._board(number, candidate, quantity, literal)
        return quantity, literal

    def _post_lateness(self, number: int, line: LineQuestion, candidate: PartCandidate, literal: Linear) -> None:
        running = self.problem.supplies[candidate.supply].job
        if running != NONE and candidate.available >= FOREVER:
            self._post_running(number, line, candidate, literal, running)
            return
        arrival = _arrival_of(candidate)
        if arrival - line.due >= FOREVER // 2:
            self.model.add(literal == 0)
        elif arrival > line.due or line.charges.flow > 0:
            self._arrive(number, line, arrival, literal)

    def _post_running(
        self, number: int, line: LineQuestion, candidate: PartCandidate, literal: Linear, running: int
    ) -> None:
        """Let a part of a running job leave when that job ends."""
        boarding = candidate.boarding
        last = int(self.shop.arrays.job_ptr[running + 1]) - 1
        end = self.shop.tasks[last].end
        for task in range(int(self.shop.arrays.job_ptr[running]), last + 1):
            if self.shop.tasks[task].is_movable:
                self.model.add(self.shop.tasks[task].start >= candidate.release).only_enforce_if(literal)
        if boarding.departures is None:
            self._arrive(number, line, end + boarding.lead, literal)
            return
        choices = []
        for leave in boarding.departures:
            if int(self.shop.earliest[last]) <= leave <= int(self.shop.latest[last]) + 7 * 1440:
                leaves = self.model.new_bool_var(f"leaves{number}_{candidate.supply}_{leave}")
                self.model.add(end <= leave).only_enforce_if(leaves)
                self._arrive(number, line, leave + boarding.lead, leaves)
                choices.append((leave, leaves))
        self.model.add(sum(leaves for _, leaves in choices) == literal)
        self.running_departures[number, candidate.supply, boarding.table] = choices

    def _arrive(self, number: int, line: LineQuestion, arrival: Linear, literal: Linear) -> None:
        """Let a line arrive no earlier than a part, if the part is taken."""
        key = line.position if line.position >= 0 else -2 - number
        costs = LineCosts(line.due, line.minute_cost, line.charges)
        post_arrival(self.shop, key, costs, arrival, [literal])

    def _board(self, number: int, candidate: PartCandidate, quantity: Linear, literal: Linear) -> None:
        """Say by which departures of a timetable a part may leave."""
        boarding = candidate.boarding
        assert boarding.departures is not None
        self.fares[boarding.table] = boarding
        if candidate.job != NONE:
            for leave, leaves in self.shop.departures.get(candidate.job, ()):
                both = self.model.new_bool_var(f"boards{candidate.job}_{leave}")
                self.model.add_bool_or([both, ~leaves, ~literal])
                self.model.add_implication(both, leaves)
                self.model.add_implication(both, literal)
                self.boarded[boarding.table, leave].append((both, candidate.quantity * both))
            return
        for leave, leaves in self.running_departures.get((number, candidate.supply, boarding.table), ()):
            self.boarded[boarding.table, leave].append((leaves, 0))
        first = next((each for each in boarding.departures if each >= candidate.available), None)
        if first is not None:
            self.boarded[boarding.table, first].append((literal, quantity))

    def _post_departures(self) -> None:
        for (table, leave), boarders in self.boarded.items():
            fare = self.fares[table]
            if fare.fixed:
                leaves = self.model.new_bool_var(f"ship{table}_{leave}")
                for literal, _ in boarders:
                    self.model.add(leaves >= literal)
                self.shop.add_cost(leaves, fare.fixed)

    # ---- material ------------------------------------------------------------------------------------

    def _add_demand(self, number: int, demand: DemandQuestion) -> None:
        model, shop = self.model, self.shop
        consumer = self.made.get(demand.job)
        start = shop.tasks[demand.task].start
        parts: list[Linear] = []
        for supply in demand.supplies:
            candidate = self.problem.supplies[supply]
            quantity = model.new_int_var(0, demand.need, f"peg{number}_{supply}")
            parts.append(quantity)
            self.drawn[supply].append(quantity)
            self.pegs.append((number, supply, NONE, quantity))
            ready: Linear = candidate.available
            if candidate.job != NONE:
                last = int(shop.arrays.job_ptr[candidate.job + 1]) - 1
                ready = shop.tasks[last].end
            elif candidate.available <= int(shop.earliest[demand.task]):
                continue
            drawn = model.new_bool_var(f"drawn{number}_{supply}")
            model.add(quantity <= demand.need * drawn)
            model.add(start >= ready).only_enforce_if(drawn)
        choices = []
        for job, good in demand.jobs:
            quantity = model.new_int_var(0, min(good, demand.need), f"peg{number}_job{job}")
            model.add(quantity <= good * self.made[job])
            model.add(quantity >= self.made[job])
            parts.append(quantity)
            choices.append(self.made[job])
            self.pegs.append((number, NONE, job, quantity))
            if consumer is not None:
                model.add_implication(self.made[job], consumer)
        if choices:
            model.add_at_most_one(choices)
        model.add(sum(parts) == (demand.need if consumer is None else demand.need * consumer))

    def _post_supplies(self) -> None:
        weeks: dict[int, list[Linear]] = defaultdict(list)
        for supply, candidate in enumerate(self.problem.supplies):
            drawn = sum(self.drawn.get(supply, []))
            if not candidate.is_bought:
                self.model.add(drawn <= candidate.amount)
                continue
            bought = self.model.new_bool_var(f"bought{supply}")
            lots = self.lots[supply] = self.model.new_int_var(0, candidate.most, f"lots{supply}")
            self.model.add(lots <= candidate.most * bought)
            self.model.add(lots >= max(1, candidate.least) * bought)
            self.model.add(drawn <= candidate.amount * lots)
            self.shop.add_cost(lots, candidate.price)
            weeks[candidate.week].append(bought)
        for purchases in weeks.values():
            self.model.add_at_most_one(purchases)

    def _post_shares(self) -> None:
        made: dict[int, list[Linear]] = defaultdict(list)
        new: dict[int, list[Linear]] = defaultdict(list)
        for number, line in enumerate(self.problem.lines):
            for place, candidate in enumerate(line.candidates):
                if candidate.unit >= 0:
                    made[candidate.unit].append(self.taken[number, place])
                    if candidate.job != NONE:
                        new[candidate.unit].append(self.used_parts[number, place])
        everything = sum(part for parts in made.values() for part in parts)
        for unit, share in self.problem.shares:
            kept = 10_000 * sum(made[unit]) <= int(share * 10_000 + 1e-6) * everything
            for literal in new[unit]:
                self.model.add(kept).only_enforce_if(literal)

    def _post_quota(self, quota: QuotaQuestion) -> None:
        """Charge what sources have beyond their shares, in the largest unit of which all of it is a multiple."""
        whole = quota.parts_of_one
        lines = {number for takers in quota.takers for number, _ in takers}
        grains = [self._grain(self.problem.lines[number]) for number in lines]
        starts = [
            whole * had - share * sum(quota.so_far) for share, had in zip(quota.shares, quota.so_far, strict=True)
        ]
        unit = math.gcd(*grains, *starts) or 1
        total = sum(self.taken[taker] for takers in quota.takers for taker in takers)
        for share, start, takers in zip(quota.shares, starts, quota.takers, strict=True):
            own = sum(self.taken[taker] for taker in takers)
            most = max(0, start + whole * sum(self.problem.lines[number].wanted for number in lines))
            beyond = self.model.new_int_var(0, most // unit + 1, "beyond")
            self.model.add(unit * beyond >= start + whole * own - share * total)
            self.shop.add_cost(beyond, quota.cost * unit / whole)

    # ---- reading -------------------------------------------------------------------------------------

    def read_back(self, solver: cp_model.CpSolver) -> IntegratedChoice:
        """Return what a solution decides."""
        absent = {job for job, literal in self.made.items() if not solver.value(literal)}
        rough = self.shop.read_back(solver)
        return IntegratedChoice(
            jobs=frozenset(job for job in range(self.problem.shop.num_real_jobs) if job not in absent),
            parts=tuple(
                (number, place, int(solver.value(quantity)))
                for (number, place), quantity in self.taken.items()
                if solver.value(quantity)
            ),
            pegs=tuple(
                (demand, supply, job, int(solver.value(quantity)))
                for demand, supply, job, quantity in self.pegs
                if solver.value(quantity)
            ),
            lots={supply: int(solver.value(lots)) for supply, lots in self.lots.items() if solver.value(lots)},
            start=tuple(rough.start.tolist()),
            end=tuple(rough.end.tolist()),
            alternative=tuple(rough.alternative.tolist()),
        )
