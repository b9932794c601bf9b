"""The loop between allocation and scheduling: what the schedule shows corrects the allocation, which is solved again.

Each round takes minutes from the groups of resources that late parts waited for (see :mod:`~orderopt.stages.learn`),
asks the allocation again from the choice before, and schedules from the schedule before. A round may cost more than the
one before, as long as it is not much; the best of all is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderopt.models.result import SourceType
from orderopt.solvers.allocation.greedy import complete as complete_choice
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop import ShopSchedule
from orderopt.solvers.compiled.sourcing import Assignment
from orderopt.solvers.registry import allocation, scheduling
from orderopt.solvers.scheduling.bounded import without_bound
from orderopt.stages.allocate import read_parts
from orderopt.stages.carry import carry_over
from orderopt.stages.decisions import Decisions, complete, price_terms
from orderopt.stages.draft import Draft
from orderopt.stages.learn import corrected, learn
from orderopt.stages.realise import realise
from orderopt.stages.schedule import ShopQuestion, ask
from orderopt.stages.sourcing_question import SourcingQuestion
from orderopt.stages.strategy import Strategy

PACE = 2.0
"""How much more than what a late part waited for in vain is taken from a group."""

MOST_GIVEN = 1.07
"""Most minutes of a group, as a multiple of those it was thought to have: all that are open."""

ASTRAY = 1.02
"""How many times the cost of the best round is too much to go on from."""

PATIENCE = 6
"""Rounds without a better plan after which the loop ends."""

ROUNDS = 12
"""Rounds among which the time is shared."""

TASK_SECONDS = 8e-4
"""What a round may take for each task; more would be better spent on the best of all."""

QUICK = "lagrangian"
"""The allocation strategy of all rounds but the first where the choice is free: it gains most in a second."""

ALLOCATING = 0.35
"""Share of a round in which the allocation searches."""


@dataclass(frozen=True)
class Round:
    """A choice of sources with its schedule.

    Attributes
    ----------
    question, choice
        The allocation question as it was corrected, and the choice.
    draft, shop, schedule
        What the choice takes, and when it is made.
    decisions
        The draft with its schedule, shipments and promises.
    terms
        Cost by term, in weighted currency.
    """

    question: SourcingQuestion
    choice: Assignment
    draft: Draft
    shop: ShopQuestion
    schedule: ShopSchedule
    decisions: Decisions
    terms: dict[str, float]

    @property
    def cost(self) -> float:
        """What the plan of the round costs."""
        return sum(self.terms.values())

    @property
    def is_settled(self) -> bool:
        """Whether no other choice could be worth a try: every line has all it wants in time."""
        return all(self.terms[term] <= 0.0 for term in ("tardiness", "arrivals", "makespan", "unserved"))


class Loop:
    """Asks, schedules and learns in turn.

    Parameters
    ----------
    plant
        The supply network.
    strategy
        Who allocates and schedules.
    budget
        Time for all rounds but the first schedule's draft.

    Attributes
    ----------
    trace
        A row for each round: cost in all and by term, lines on time, and what was corrected before it.
    """

    def __init__(self, plant: Plant, strategy: Strategy, budget: Budget) -> None:
        self.plant, self.budget = plant, budget
        again = QUICK if strategy.allocation == "auto" else strategy.allocation
        self.allocation = allocation.find(again)
        self.scheduling = without_bound(scheduling.find(strategy.scheduling))
        self.trace: list[dict[str, str | int | float | None]] = []

    def run(self, question: SourcingQuestion, choice: Assignment, draft: Draft) -> Round | None:
        """Return the best round; the first schedules the draft as it is (None: a dead end, or no time for rounds)."""
        if self.budget.seconds <= 0.0:
            return None
        shop = ask(self.plant, draft.ledger.jobs, draft.parts)
        allowed = min(self.budget.seconds / 3, TASK_SECONDS * max(100, len(shop.tasks)))
        self.seconds = max(self.budget.seconds / ROUNDS, min(allowed, self.budget.seconds / 3))
        self.most = question.problem.arrays.group_minutes * MOST_GIVEN
        left = self.budget.seconds / self.seconds
        first = self._schedule(question, choice, draft, shop, None)
        if first is None:
            return None
        best = last = first
        self._note(best, best, None)
        pace, fruitless = PACE, 0
        while left >= 2 and fruitless < PATIENCE and not best.is_settled and not self._is_over():
            left -= 1
            if last.cost > ASTRAY * best.cost:
                last, pace = best, pace / 2
            before = last
            found = self._again(before, pace)
            if found is None:
                last, pace, fruitless = best, pace / 2, fruitless + 1
                continue
            last = found
            fruitless = 0 if last.cost < best.cost * (1 - 1e-4) else fruitless + 1
            best = last if last.cost < best.cost else best
            self._note(last, best, before)
        return best

    def _is_over(self) -> bool:
        return self.budget.cancel.is_set() or self.budget.remaining < (
            0 if self.budget.is_reproducible else self.seconds
        )

    def _again(self, before: Round, pace: float) -> Round | None:
        """Return the round that follows from what one has shown."""
        lesson = learn(before.question, before.choice, before.decisions)
        minutes = np.clip(before.question.problem.arrays.group_minutes - pace * lesson.minutes, 0.0, self.most)
        question = corrected(before.question, minutes, lesson.ready)
        start = complete_choice(question.problem, before.choice)
        part = self.budget.part(self.seconds * ALLOCATING)
        choice = self.allocation.allocate(question.problem, part, start=start).require()
        draft = realise(self.plant, read_parts(question, choice), question)
        return self._schedule(question, choice, draft, ask(self.plant, draft.ledger.jobs, draft.parts), before)

    def _schedule(
        self, question: SourcingQuestion, choice: Assignment, draft: Draft, shop: ShopQuestion, before: Round | None
    ) -> Round | None:
        """Return the round of a choice (None: its schedule comes to a dead end)."""
        start = None if before is None else carry_over(before.shop, before.schedule, shop)
        part = self.budget.part(self.seconds * (1 - ALLOCATING))
        start = start if start is not None and start.is_complete else None
        schedule = self.scheduling.schedule(shop.problem, part, start=start).require()
        if not schedule.is_complete:
            return None
        decisions = complete(self.plant, draft, shop, schedule)
        return Round(question, choice, draft, shop, schedule, decisions, price_terms(decisions))

    def _note(self, last: Round, best: Round, before: Round | None) -> None:
        """Add a row to the trace."""
        taken, groups, slower, moved = 0.0, 0, 0, 0
        if before is not None:
            was, now = before.question.problem.arrays, last.question.problem.arrays
            gone = was.group_minutes - now.group_minutes
            taken, groups = float(gone.sum()), int((gone != 0).any(axis=1).sum())
            slower = int((now.option_ready > was.option_ready).sum())
            moved = int((last.choice.lots > before.choice.lots).sum())
        parts = last.decisions.parts
        self.trace.append(
            {
                "stage": "loop",
                "objective": last.cost,
                "bound": None,
                "round": len(self.trace) + 1,
                "best": best.cost,
                **{f"cost_{term}": value for term, value in last.terms.items()},
                "lines_on_time": sum(outlook.is_on_time for outlook in last.decisions.outlooks),
                "parts_unserved": sum(part.source_type is SourceType.UNSERVED for part in parts),
                "groups_corrected": groups,
                "minutes_taken": taken,
                "sources_slower": slower,
                "sources_changed": moved,
            }
        )
        self.budget.on_progress(Progress("loop", f"round {len(self.trace)}", 0.0, last.cost))
