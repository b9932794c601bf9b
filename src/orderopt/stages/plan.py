"""The whole way: net, allocate, explode and procure, schedule, ship, promise, explain, and the judge."""

from __future__ import annotations

import hashlib
import platform
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from orderopt.errors import IncorrectPlanError, InputError
from orderopt.models.consistency import derive_customers, find_inconsistencies
from orderopt.models.plan import Plan
from orderopt.models.scorecard import Scorecard
from orderopt.models.snapshot import Snapshot
from orderopt.models.summary import Status, Summary
from orderopt.rules.judge import judge_plan
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop import ShopSchedule
from orderopt.solvers.cpsat.integrated import decide
from orderopt.solvers.milp.program import solve as solve_program
from orderopt.solvers.registry import scheduling
from orderopt.solvers.scheduling.dispatch import held_back, left_shift
from orderopt.stages import allocate as allocate_stage
from orderopt.stages import schedule as schedule_stage
from orderopt.stages import sourcing_question
from orderopt.stages.candidates import MOST_TASKS, TooLargeError, gather
from orderopt.stages.draft import Draft, develop, explain_choice
from orderopt.stages.integrate import apply
from orderopt.stages.net import by_urgency, net, running_jobs
from orderopt.stages.promise import promise
from orderopt.stages.publish import Decisions, publish
from orderopt.stages.schedule import ShopQuestion
from orderopt.stages.shares import keep_shares
from orderopt.stages.ship import ship
from orderopt.stages.sourcing_question import SourcingQuestion
from orderopt.stages.strategy import Strategy, find_strategy
from orderopt.stages.supply import Ledger, Part

if TYPE_CHECKING:
    import pandas as pd

SHARES = {"bound": 0.1, "allocate": 0.15, "schedule": 0.5, "integrate": 0.6}
"""Share of the time limit that each searching stage may take; where the clock rules, scheduling takes what is left."""

BUILDING_SECONDS = 0.02
"""Seconds of the limit for each task below which building the one model would take too much of it."""

RESERVE = 2.5
"""Seconds kept for judging, publishing and the caller's writing, beside what building took."""


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
        Seconds for everything.
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
    budget = Budget(
        seconds=time_limit,
        seed=seed,
        began=time.monotonic() if started is None else started,
        cancel=cancel or threading.Event(),
        on_progress=on_progress or (lambda _: None),
        **({} if workers is None else {"workers": workers}),
    )
    chosen = find_strategy(strategy)
    snapshot = derive_customers(snapshot)
    faults = [finding for finding in find_inconsistencies(snapshot) if finding.is_error]
    if faults:
        raise InputError(f"the snapshot cannot be planned: {len(faults)} faults", faults, snapshot)
    return _Planner(snapshot, chosen, budget).plan()


@dataclass(frozen=True)
class _Version:
    """The tables of a correct plan and what it costs."""

    tables: dict[str, pd.DataFrame]
    scorecard: Scorecard


class _Planner:
    def __init__(self, snapshot: Snapshot, strategy: Strategy, budget: Budget) -> None:
        self.snapshot, self.strategy, self.budget = snapshot, strategy, budget
        self.stop_reason = ""
        self._may_integrate = strategy.integrated
        self._sourcing: SourcingQuestion | None = None
        self.seconds: dict[str, float] = {}
        self.trace: list[dict[str, str | int | float | None]] = []
        self.warnings: list[str] = [str(finding) for finding in snapshot.findings]
        self.plant = self._timed("compile", lambda: Plant(snapshot))

    def plan(self) -> Plan:
        bound = self._timed("bound", self._find_bound)
        draft = self._draft()
        self.warnings += draft.warnings
        version = self._publish(self._decide(draft))
        if self.strategy.integrated:
            version, bound = self._timed("integrate", lambda: self._integrate(version, bound))
        return Plan(self.snapshot, self._summary(version, bound), version.tables)

    # ---- stages --------------------------------------------------------------------------------------

    def _draft(self) -> Draft:
        plant, ledger = self.plant, Ledger(self.plant)
        netting = self._timed("net", lambda: net(plant, ledger))
        budget = self._part("allocate")
        parts, outcome, question = self._timed(
            "allocate",
            lambda: allocate_stage.allocate(plant, ledger, netting.rest, budget, self.strategy.allocation),
        )
        self._sourcing = question
        self._note("allocate", outcome.objective, outcome.bound)
        draft: Draft = self._timed("explode", lambda: self._develop(parts, question))
        return draft

    def _develop(self, parts: list[Part], question: SourcingQuestion) -> Draft:
        """Realise the allocation; where a unit then makes more than its share, others make part of it."""
        banned: set[tuple[str, str]] = set()
        while True:
            ledger = Ledger(self.plant)
            netting = net(self.plant, ledger)
            again = allocate_stage.on_ledger(self.plant, ledger, parts)
            draft = develop(self.plant, ledger, netting, again, question)
            kept = keep_shares(self.plant, parts, draft.parts, question, banned)
            if kept is None:
                return draft
            parts = kept

    def _decide(self, draft: Draft) -> Decisions:
        question = schedule_stage.ask(self.plant, draft.ledger.jobs, draft.parts)
        self._may_integrate = self.strategy.integrated and len(question.tasks) <= MOST_TASKS
        outcome = self._timed(
            "schedule",
            lambda: scheduling.find(self.strategy.scheduling).schedule(question.problem, self._part("schedule")),
        )
        self.stop_reason = outcome.reason
        self._note("schedule", outcome.objective, outcome.bound)
        return self._complete(draft, question, outcome.require())

    def _complete(self, draft: Draft, question: ShopQuestion, schedule: ShopSchedule) -> Decisions:
        arrays = question.problem.arrays
        for position, job in enumerate(question.jobs):
            job.supply.available = int(schedule.end[arrays.job_ptr[position + 1] - 1])
        transport = self._timed("ship", lambda: ship(self.plant, draft.parts))
        outlooks = promise(self.plant, draft.parts, transport)
        return Decisions(
            self.plant,
            tuple(draft.parts),
            tuple(draft.ledger.purchases),
            question,
            schedule,
            transport,
            tuple(outlooks),
        )

    def _publish(self, decisions: Decisions) -> _Version:
        """Write the tables and have them judged."""
        tables = self._timed("publish", lambda: publish(decisions))
        verdict = self._timed("judge", lambda: judge_plan(self.snapshot, tables))
        if verdict.violations:
            raise IncorrectPlanError(
                f"strategy {self.strategy.name} made an incorrect plan ({len(verdict.violations)} violations); "
                "please report it with the input",
                verdict.violations,
            )
        return _Version(tables, verdict.scorecard)

    def _integrate(self, version: _Version, bound: float | None) -> tuple[_Version, float | None]:
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
        outcome = decide(candidates.problem, self._part("integrate"), objective)
        self._note("integrate", outcome.objective, outcome.bound)
        self.stop_reason = outcome.reason
        if candidates.is_exact and outcome.bound is not None:
            bound = max(bound or 0.0, outcome.bound)
        if outcome.answer is not None:
            draft, question, rough = apply(self.plant, candidates, outcome.answer)
            if self._sourcing is not None:
                explain_choice(self.plant, draft.parts, self._sourcing)
            for schedule in (left_shift(question.problem, rough), held_back(question.problem, rough)):
                other = self._publish(self._complete(draft, question, schedule))
                if other.scorecard.objective < version.scorecard.objective:
                    version = other
        return version, bound

    def _find_bound(self) -> float | None:
        """Return a cost that no plan can beat: the optimistic allocation of everything."""
        plant = self.plant
        lines = [(line, line.quantity) for line in by_urgency(plant)]
        ledger = Ledger(plant)
        for job in running_jobs(plant):  # what is left to do on them takes no time in a bound
            job.supply.available = max(plant.clock.tick(task.end) for task in job.fixed.values())
            ledger.add(job.supply)
        question = sourcing_question.ask(plant, ledger, lines, optimistic=True)
        served = solve_program(question.problem, self._part("bound"), whole=not self.budget.is_reproducible)
        return None if served is None else max(0.0, served.bound)

    # ---- bookkeeping ---------------------------------------------------------------------------------

    def _part(self, stage: str) -> Budget:
        seconds = self.budget.seconds * SHARES[stage]
        if stage == "schedule" and not self.budget.is_reproducible and not self._may_integrate:
            built = sum(self.seconds.get(name, 0.0) for name in ("compile", "explode"))
            seconds = max(seconds / 2, self.budget.remaining - RESERVE - 2 * built - 0.05 * self.budget.seconds)
        part = self.budget.part(seconds)

        def tell(progress: Progress) -> None:
            self.budget.on_progress(replace(progress, seconds=time.monotonic() - self.budget.began))

        return replace(part, on_progress=tell)

    def _timed(self, stage: str, work: Callable[[], Any]) -> Any:
        self.budget.on_progress(Progress(stage, "begins", time.monotonic() - self.budget.began))
        began = time.monotonic()
        result = work()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.monotonic() - began
        return result

    def _note(self, stage: str, objective: float | None, bound: float | None) -> None:
        self.trace.append({"stage": stage, "objective": objective, "bound": bound})

    def _summary(self, version: _Version, bound: float | None) -> Summary:
        scorecard = version.scorecard
        objective = float(scorecard.objective)
        cancelled = self.budget.cancel.is_set()
        if bound is not None:
            bound = min(bound, objective)
        proven = bound is not None and objective - bound <= 1e-6 * max(1.0, abs(objective))
        status = Status.OPTIMAL if proven else Status.FEASIBLE
        ended = "done" if self.stop_reason in {"", "proven"} else self.stop_reason
        gap = None
        if bound is not None:
            gap = (objective - bound) / objective if objective > 0 else 0.0
        self.budget.on_progress(
            Progress("done", "plan is checked", time.monotonic() - self.budget.began, objective, bound)
        )
        return Summary(
            status=status,
            currency=self.snapshot.settings.currency,
            objective=objective,
            terms={name: float(value) for name, value in scorecard.terms.items()},
            weights={name: float(value) for name, value in scorecard.weights.items()},
            bound=bound,
            gap=gap,
            strategy=self.strategy.name,
            stop_reason="cancelled" if cancelled else "proven" if proven else ended,
            seed=self.budget.seed,
            workers=self.budget.workers,
            time_limit=self.budget.seconds,
            counts=dict(scorecard.counts),
            warnings=tuple(self.warnings),
            trace=tuple(self.trace),
            seconds={stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
            peak_memory_mb=peak_memory_mb(),
            input_hash=hashlib.sha256(self.snapshot.model_dump_json(exclude={"findings"}).encode()).hexdigest(),
            versions={
                "python": platform.python_version(),
                **{name: version_of(name) for name in ("orderopt", "ortools", "numpy", "pandas")},
            },
        )


def version_of(package: str) -> str:
    """Return the installed version of a package."""
    return version(package)


def peak_memory_mb() -> float | None:
    """Return the most memory the process has held, in MiB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)
