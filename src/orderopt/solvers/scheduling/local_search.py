"""The strategy ``local_search``: annealing on the disjunctive graph, or what suits a question of a special kind better.

Where cost is one longest way that is tabu search, or annealing of rows where every job is a single task; and annealing
of one order for one machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.extras import refuse_extras
from orderopt.solvers.compiled.shop import Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.scheduling.balance import Balancing
from orderopt.solvers.scheduling.bounded import Bounded
from orderopt.solvers.scheduling.bounds import find_floor
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.solvers.scheduling.graph import as_schedule, build_graph, copy_graph, gather_facts, join_graphs
from orderopt.solvers.scheduling.kernels_anneal import anneal
from orderopt.solvers.scheduling.kernels_balance import balance
from orderopt.solvers.scheduling.kernels_graph import Graph
from orderopt.solvers.scheduling.kernels_row import anneal_row
from orderopt.solvers.scheduling.kernels_tabu import tabu
from orderopt.solvers.scheduling.kinds import is_longest_way, is_one_row, is_parallel
from orderopt.solvers.scheduling.limits import find_heads
from orderopt.solvers.scheduling.row import Sequencing
from orderopt.solvers.scheduling.shift import put_off
from orderopt.solvers.scheduling.tabu import Relinking
from orderopt.solvers.scheduling.warm import COMPILING_SECONDS, is_compiled
from orderopt.solvers.scheduling.way_bounds import least_longest_way

HOT, HOT_SHARED, COLD = 2.0, 0.3, 0.001
"""First temperature, in what it costs that a mean task comes its own length late (less where many jobs share a line, as
for a makespan), and the last as a share of the first."""

PATIENCE = 3.0
"""Temperatures by which lateness may grow while a move is timed, before it is given up."""

LAYING_OUT = 4e-5
"""Seconds for each task that pass before the first move; where fewer are left, the seed is the answer."""

SLICE = 0.05
"""Seconds between two looks at the clock."""

MOVES_A_SECOND, SLOWER = 60_000, 10_000
"""Moves that a reproducible run plans for a second, and the tasks that make them half as many."""

COOLING_MOVES, COOLINGS, TINY_TASKS = 10_000, 8, 50
"""Moves for each task in one cooling; where there is time for more, it is done again from the best schedule, at most
so often, and always so often where there are hardly any tasks."""

ENOUGH, ENOUGH_ONE_WAY = 0.3, 1.0
"""Seconds for each task after which a search gains nothing more."""

PARTED_TASKS = 2_000
"""From this many tasks on, workers share one schedule, each with a part of its time."""

ROUNDS = 40
"""Times in one cooling at which the workers' parts are joined and cut anew."""


class LocalSearch:
    """Starts from dispatch; a run with one worker plans by the number of moves, and so gives the same answer again."""

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return a schedule at least as good as `start` (or as dispatch)."""
        refuse_extras(problem, "local_search")
        seed = _known(problem, start) or Dispatch().schedule(problem, budget.part(budget.seconds * 0.2))
        movable = np.flatnonzero(problem.arrays.task_is_fixed == 0)
        if seed.answer is None or seed.objective is None or seed.status is Status.OPTIMAL or len(movable) < 2:
            return seed
        kernel, search = _choose(problem)
        if not budget.is_reproducible and not is_compiled(kernel) and budget.remaining < COMPILING_SECONDS:
            return seed  # compiling would take longer than there is time; the next run in this place has it
        if not budget.is_reproducible and budget.remaining < LAYING_OUT * problem.num_tasks:
            return seed
        best, cost = seed.answer, seed.objective
        bound = _bound(problem, best)
        found = search(problem, best, bound, budget)
        if problem.rewards_waiting:
            found = put_off(problem, found)
        value = evaluate(problem, found).total
        if found.is_complete and value < cost:
            best, cost = found, value
        proven = cost <= bound * (1 + 1e-9)
        return Outcome(
            Status.OPTIMAL if proven else Status.FEASIBLE,
            best,
            cost,
            min(bound, cost),
            "proven" if proven else "time",
        )


def with_bound() -> Bounded:
    """Return the strategy as it is used alone, with a bound beside its schedule."""
    return Bounded(LocalSearch())


def _known(problem: ShopProblem, start: ShopSchedule | None) -> Outcome[ShopSchedule] | None:
    """Return a schedule that is known already as an outcome."""
    if start is None or not start.is_complete:
        return None
    return Outcome(Status.FEASIBLE, start, evaluate(problem, start).total)


Search = Callable[[ShopProblem, ShopSchedule, float, Budget], ShopSchedule]


def _choose(problem: ShopProblem) -> tuple[object, Search]:
    """Return the search that suits a question, after the kernel that it needs compiled."""
    if is_one_row(problem):
        return anneal_row, _search_row
    if is_parallel(problem):
        return balance, _search_rows
    return (tabu, _search_ways) if is_longest_way(problem) else (anneal, _search_graph)


def _bound(problem: ShopProblem, schedule: ShopSchedule) -> float:
    """Return a cost that no schedule beats, for searches to stop at."""
    floor = find_floor(problem)
    if not is_longest_way(problem):
        return floor
    late = max(0, least_longest_way(problem, find_heads(problem)) - int(problem.arrays.line_due[0]))
    shared = evaluate(problem, schedule)
    return max(floor, shared.total - shared.tardiness + late * float(problem.arrays.line_weight[0]))


def _search_row(problem: ShopProblem, start: ShopSchedule, bound: float, budget: Budget) -> ShopSchedule:
    production = evaluate(problem, start).production
    return Sequencing(problem, start, bound - production, _enough(problem, budget)).search()


def _search_rows(problem: ShopProblem, start: ShopSchedule, bound: float, budget: Budget) -> ShopSchedule:
    target = _longest(problem, start, bound)
    return Balancing(problem, gather_facts(problem), start, target, _enough(problem, budget)).search()


def _search_ways(problem: ShopProblem, start: ShopSchedule, bound: float, budget: Budget) -> ShopSchedule:
    target = _longest(problem, start, bound)
    return Relinking(problem, gather_facts(problem), start, target, _enough(problem, budget)).search()


def _search_graph(problem: ShopProblem, start: ShopSchedule, bound: float, budget: Budget) -> ShopSchedule:
    return _Run(problem, start, bound, budget).search()


def _enough(problem: ShopProblem, budget: Budget) -> Budget:
    return budget.part(min(budget.seconds, ENOUGH_ONE_WAY * problem.num_tasks))


def _longest(problem: ShopProblem, schedule: ShopSchedule, bound: float) -> int:
    """Return the longest way that costs the bound, where one line has all cost that schedules differ in."""
    arrays = problem.arrays
    due, floor = int(arrays.line_due[0]), int(arrays.line_floor[0])
    shared = evaluate(problem, schedule)
    return max(due + int((bound - (shared.total - shared.tardiness)) / float(arrays.line_weight[0])), due, floor)


class _Run:
    """One search: coolings one after the other, by one worker or by several."""

    def __init__(self, problem: ShopProblem, start: ShopSchedule, bound: float, budget: Budget) -> None:
        self.problem, self.bound, self.budget = problem, bound, budget
        self.facts = gather_facts(problem)
        self.graph = build_graph(problem, self.facts, start)
        self.best = self.graph.state.copy()
        self.cost = float(self.graph.scalars[0])
        size = problem.num_tasks
        self.began, self.seconds = time.monotonic(), min(budget.remaining, ENOUGH * size)
        self.planned = int(min(budget.seconds, ENOUGH * size) * MOVES_A_SECOND / (1 + size / SLOWER))
        self.hot = self._first_temperature(self.planned / size)
        speed = 1 if budget.is_reproducible else 5  # what is planned is a safe count
        coolings = COOLINGS if size < TINY_TASKS else int(self.planned * speed / (COOLING_MOVES * size))
        self.coolings = min(max(coolings, 1), COOLINGS)
        self.moves = 0

    def search(self) -> ShopSchedule:
        """Return the best schedule met."""
        parted = self.budget.workers > 1 and self.problem.num_tasks >= PARTED_TASKS
        for number in range(self.coolings):
            if self._is_over(self._share()):
                break
            if number:
                self.graph = build_graph(self.problem, self.facts, as_schedule(self.best))
            if parted:
                self._cool_parts(number)
            else:
                self._cool_copies(number)
        return as_schedule(self.best)

    def _first_temperature(self, moves: float) -> float:
        """Return the temperature to start from; with few moves for each task there is no time for a hot start."""
        arrays = self.problem.arrays
        jobs = len(self.facts.line_jobs) / max(1, len(arrays.line_due))
        weight = float(arrays.line_weight.mean()) if len(arrays.line_weight) else 0.0
        if self.problem.charges is not None and len(arrays.line_weight):
            charges = self.problem.charges
            weight += float(charges.flow.mean()) + charges.makespan / len(arrays.line_weight)
            weight += float(charges.late.mean()) / 1440
        work = float(arrays.alt_work.mean())
        scale = work * weight * (HOT_SHARED if jobs > 5 else HOT) + 0.1 * float(arrays.alt_cost.mean())
        return max(1e-6, scale * min(1.0, moves / 100))

    def _share(self) -> float:
        """Return which share of the whole search is over."""
        if self.budget.is_reproducible:
            return self.moves / max(1, self.planned)
        return (time.monotonic() - self.began) / max(self.seconds, 1e-9)

    def _is_over(self, share: float) -> bool:
        return self.budget.is_over or share >= 1.0 or self.cost <= self.bound * (1 + 1e-9)

    def _temperature(self, number: int) -> float:
        within = min(1.0, max(0.0, self._share() * self.coolings - number))
        return float(self.hot * COLD**within)

    def _keep(self, state: Ints, cost: float) -> None:
        if cost < self.cost - 1e-9:
            self.best, self.cost = state.copy(), cost
            self.budget.on_progress(Progress("schedule", "annealing", 0.0, cost))

    # ---- several copies of the schedule, each annealed alone -------------------------------------------------

    def _cool_copies(self, number: int) -> None:
        workers = self.budget.workers
        with ThreadPoolExecutor(workers) as pool:
            chains = [_Chain(self, copy_graph(self.graph), worker, number) for worker in range(workers)]
            list(pool.map(lambda chain: chain.cool(), chains))
        for chain in chains:
            self._keep(chain.kept, chain.cost)

    # ---- one schedule, of which each worker anneals a part ----------------------------------------------------

    def _cool_parts(self, number: int) -> None:
        workers, problem = self.budget.workers, self.problem
        random = np.random.default_rng((self.budget.seed, number))
        with ThreadPoolExecutor(workers) as pool:
            while not self._is_over(self._share()) and self._share() * self.coolings < number + 1:
                cuts = (np.arange(1, workers) + random.uniform(-0.3, 0.3, workers - 1)) / workers * problem.num_tasks
                region = np.searchsorted(cuts, self.graph.state[:, 7], side="right").astype(np.int64)
                chains = [
                    _Chain(self, copy_graph(self.graph), worker, number, region, int(random.integers(1 << 30)))
                    for worker in range(workers)
                ]
                seconds = self.seconds / self.coolings / ROUNDS
                list(pool.map(lambda chain, seconds=seconds: chain.run(seconds), chains))
                for chain in chains:
                    self._keep(chain.kept, chain.cost)
                joined = join_graphs(problem, self.facts, [chain.graph for chain in chains], region)
                cheapest = min(chains, key=lambda chain: float(chain.graph.scalars[0])).graph
                self.graph = joined if np.isfinite(joined.scalars[0]) else cheapest
                self._keep(self.graph.state, float(self.graph.scalars[0]))


class _Chain:
    """One chain of moves, in one thread."""

    def __init__(
        self, run: _Run, graph: Graph, worker: int, number: int, region: Ints | None = None, seed: int = 0
    ) -> None:
        self.run_, self.graph, self.number = run, graph, number
        self.region = np.zeros(run.problem.num_tasks, dtype=np.int64) if region is None else region
        self.own = 0 if region is None else worker
        may_move = (run.problem.arrays.task_is_fixed == 0) & (self.region == self.own)
        self.movable = np.flatnonzero(may_move).astype(np.int64)
        self.kept, self.cost = graph.state.copy(), float(graph.scalars[0])
        self.share = np.zeros(len(run.problem.arrays.line_due))
        self.seed = (run.budget.seed * 7919 + number * 101 + worker * 13 + seed) % (1 << 30)
        self.calls = 0

    def cool(self) -> None:
        """Anneal through one whole cooling."""
        run = self.run_
        moves = 200
        slice_ = max(200, run.planned // run.coolings // 200)
        while not run.budget.is_over and run._share() * run.coolings < self.number + 1 and self.cost > run.bound:
            if run.budget.is_reproducible:
                self._step(slice_)
                run.moves += slice_
            else:
                moves = self._step_for(moves)

    def run(self, seconds: float) -> None:
        """Anneal for some seconds."""
        ends, moves = time.monotonic() + seconds, 200
        while time.monotonic() < ends and not self.run_.budget.is_over:
            moves = self._step_for(moves)

    def _step_for(self, moves: int) -> int:
        """Try moves; returns how many would have taken a slice of the time."""
        began = time.monotonic()
        self._step(moves)
        took = max(time.monotonic() - began, 1e-6)
        return int(np.clip(moves * SLICE / took, 50, 4 * moves))

    def _step(self, moves: int) -> None:
        if not len(self.movable):
            return
        run = self.run_
        temperature = run._temperature(self.number)
        self.calls += 1
        self.cost, _ = anneal(
            run.facts,
            self.graph,
            self.movable,
            self.region,
            self.own,
            self.share,
            self.kept,
            self.cost,
            moves,
            temperature,
            PATIENCE * temperature,
            (self.seed + self.calls * 7907) % (1 << 31),
        )
