"""The whole way: net, allocate, explode and procure, schedule, ship, promise, explain, and the judge."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orderopt.errors import IncorrectPlanError, InputError
from orderopt.models.consistency import derive_customers, find_inconsistencies
from orderopt.models.plan import Plan
from orderopt.models.scorecard import Scorecard
from orderopt.models.snapshot import Snapshot
from orderopt.rules.judge import judge_plan
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop import ShopSchedule
from orderopt.solvers.compiled.sourcing import Assignment
from orderopt.solvers.cpsat.integrated import decide
from orderopt.solvers.registry import scheduling
from orderopt.solvers.scheduling.dispatch import held_back, left_shift
from orderopt.stages.allocate import allocate
from orderopt.stages.bound import find_bound
from orderopt.stages.candidates import MOST_TASKS, TooLargeError, gather
from orderopt.stages.dead_ends import leave_dead_ends
from orderopt.stages.decisions import Decisions, complete
from orderopt.stages.draft import Draft, explain_choice
from orderopt.stages.integrate import apply
from orderopt.stages.loop import Loop, Round
from orderopt.stages.net import net
from orderopt.stages.pace import Pace
from orderopt.stages.publish import publish
from orderopt.stages.realise import realise
from orderopt.stages.schedule import ShopQuestion, ask
from orderopt.stages.sourcing_question import SourcingQuestion
from orderopt.stages.strategy import Strategy, find_strategy
from orderopt.stages.summarize import Course, summarize
from orderopt.stages.supply import Ledger
from orderopt.stages.tiers import flatten, rank, steepen
from orderopt.stages.warm import compile_kernels

if TYPE_CHECKING:
    import pandas as pd

COMPILING = "kernels are compiled, once for this installation"

BUILDING_SECONDS = 0.02
"""Seconds of the limit for each task below which building the one model would take too much of it."""


def plan(
    snapshot: Snapshot,
    *,
    strategy: str = "auto",
    time_limit: float = 30.0,
    seed: int = 0,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    started: float | None = None,
) -> Plan:
    """Plan all open orders of a snapshot.

    Parameters
    ----------
    snapshot
        All facts as of one moment.
    strategy
        ``auto``, or a name that :func:`orderopt.stages.strategy.find_strategy` knows.
    time_limit
        Seconds for everything but compiling kernels, which an installation does once, before its first plan.
    seed
        Where all randomness comes from.
    workers
        Parallel workers; by default the number of processors. With 1, the same input and seed give the same
        plan.
    on_progress
        Called with a :class:`~orderopt.solvers.budget.Progress` when something improves.
    cancel
        Set it (from another thread or a signal) to get the best plan so far.
    started
        Reading of :func:`time.monotonic` from which the limit counts; by default now.

    Returns
    -------
    Plan
        Checked by the judge.

    Raises
    ------
    InputError
        If the snapshot contradicts itself; all faults are listed.
    UnknownStrategyError
        If there is no such strategy.
    IncorrectPlanError
        If the judge finds a violation: a bug in a strategy, never a property of the input.
    """
    began = time.monotonic() if started is None else started
    tell = on_progress or (lambda _: None)
    chosen = find_strategy(strategy)
    snapshot = derive_customers(snapshot)
    faults = [finding for finding in find_inconsistencies(snapshot) if finding.is_error]
    if faults:
        raise InputError(f"the snapshot cannot be planned: {len(faults)} faults", faults, snapshot)
    compiling = compile_kernels(lambda: tell(Progress("compile", COMPILING, time.monotonic() - began)))
    budget = Budget(
        seconds=time_limit,
        seed=seed,
        began=began + compiling,
        cancel=cancel or threading.Event(),
        on_progress=tell,
        **({} if workers is None else {"workers": workers}),
    )
    planner = _Planner(snapshot, chosen, budget)
    if compiling:
        planner.course.warnings.append(f"{COMPILING}: {compiling:.0f} s that the time limit does not count")
    return planner.plan()


@dataclass(frozen=True)
class _Version:
    """The tables of a correct plan and what it costs."""

    tables: dict[str, pd.DataFrame]
    scorecard: Scorecard


class _Planner:
    def __init__(self, snapshot: Snapshot, strategy: Strategy, budget: Budget) -> None:
        self.snapshot, self.strategy, self.budget = snapshot, strategy, budget
        self.pace = Pace(budget)
        self.course = Course(snapshot)
        self.plant = self.pace.timed("compile", lambda: Plant(steepen(snapshot)))

    @property
    def is_one_sum(self) -> bool:
        """Whether plans are compared by one sum: bounds and the one model know nothing else."""
        return self.snapshot.settings.objective == "weighted"

    def plan(self) -> Plan:
        bound: float | None = None
        if self.is_one_sum:
            bound = self.pace.timed("bound", lambda: find_bound(self.plant, self.pace.part("bound")))
        draft, question, choice = self._draft()
        version = self._publish(self._schedule(draft, question, choice))
        if self.strategy.integrated and self.is_one_sum:
            version, bound = self.pace.timed("integrate", lambda: self._integrate(version, bound, question))
        summary = summarize(
            self.course, self.pace, strategy=self.strategy.name, scorecard=version.scorecard, bound=bound
        )
        self.budget.on_progress(
            Progress("done", "plan is checked", self.pace.elapsed, summary.objective, summary.bound)
        )
        return Plan(self.snapshot, summary, version.tables)

    # ---- stages --------------------------------------------------------------------------------------

    def _draft(self) -> tuple[Draft, SourcingQuestion, Assignment]:
        plant, ledger = self.plant, Ledger(self.plant)
        netting = self.pace.timed("net", lambda: net(plant, ledger))
        budget = self.pace.part("allocate")
        parts, outcome, question = self.pace.timed(
            "allocate", lambda: allocate(plant, ledger, netting.rest, budget, self.strategy.allocation)
        )
        self.course.note("allocate", outcome.objective, outcome.bound)
        self.parts = parts
        draft = self.pace.timed("explode", lambda: realise(plant, parts, question, netted=(ledger, netting)))
        return draft, question, outcome.require()

    def _schedule(self, draft: Draft, sourcing: SourcingQuestion, choice: Assignment) -> Decisions:
        """Place all jobs in time, in as many rounds with the allocation as pay."""
        best: Round | None = None
        if self.strategy.loop and self.is_one_sum:
            loop = Loop(self.plant, self.strategy, self.pace.part("loop"))
            best = self.pace.timed("loop", lambda: loop.run(sourcing, choice, draft))
            self.course.trace += loop.trace
        draft = draft if best is None else best.draft
        self.course.warnings += draft.warnings
        question, schedule = self.pace.timed("schedule", lambda: self._search(draft, best))
        if not schedule.is_complete:
            before = draft
            draft = self.pace.timed(
                "explode", lambda: leave_dead_ends(self.plant, self.parts, before, sourcing, self.budget)
            )
            question, schedule = self.pace.timed("schedule", lambda: self._search(draft, None))
        return self.pace.timed("ship", lambda: complete(self.plant, draft, question, schedule))

    def _search(self, draft: Draft, known: Round | None) -> tuple[ShopQuestion, ShopSchedule]:
        settings, start = self.snapshot.settings, None if known is None else known.schedule
        question = ask(self.plant, draft.ledger.jobs, draft.parts) if known is None else known.shop
        question = replace(question, problem=flatten(question.problem, settings))
        may_integrate = self.strategy.integrated and self.is_one_sum and len(question.tasks) <= MOST_TASKS
        budget = self.pace.part("schedule", all_left=not may_integrate)
        strategy = rank(scheduling.find(self.strategy.scheduling), settings)
        outcome = strategy.schedule(question.problem, budget, start=start)
        self.course.stop_reason = outcome.reason
        self.course.note("schedule", outcome.objective, outcome.bound)
        return question, outcome.require()

    def _publish(self, decisions: Decisions) -> _Version:
        """Write the tables and have them judged."""
        tables = self.pace.timed("publish", lambda: publish(decisions))
        verdict = self.pace.timed("judge", lambda: judge_plan(self.snapshot, tables))
        if verdict.violations:
            raise IncorrectPlanError(
                f"strategy {self.strategy.name} made an incorrect plan ({len(verdict.violations)} violations); "
                "please report it with the input",
                verdict.violations,
            )
        return _Version(tables, verdict.scorecard)

    def _integrate(
        self, version: _Version, bound: float | None, sourcing: SourcingQuestion
    ) -> tuple[_Version, float | None]:
        """Decide everything at once where the input is small; keep the better plan."""
        objective = float(version.scorecard.objective)
        if bound is not None and objective <= bound * (1 + 1e-9):
            return version, bound
        if self.budget.is_over or self.budget.seconds < BUILDING_SECONDS * len(version.tables["schedule"]):
            return version, bound
        try:
            candidates = gather(self.plant)
        except TooLargeError:
            return version, bound
        outcome = decide(candidates.problem, self.pace.part("integrate"), objective)
        self.course.note("integrate", outcome.objective, outcome.bound)
        self.course.stop_reason = outcome.reason
        if candidates.is_exact and outcome.bound is not None:
            bound = max(bound or 0.0, outcome.bound)
        if outcome.answer is not None:
            draft, question, rough = apply(self.plant, candidates, outcome.answer)
            explain_choice(self.plant, draft.parts, sourcing)
            for schedule in (left_shift(question.problem, rough), held_back(question.problem, rough)):
                other = self._publish(complete(self.plant, draft, question, schedule))
                if other.scorecard.objective < version.scorecard.objective:
                    version = other
        return version, bound
