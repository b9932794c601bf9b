"""Rule *precedence*: a job has every step of its routing once, each after the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.exact import MICRO, Bools, Ints
from orderopt.rules.facts import NO_STEP
from orderopt.rules.tasks import needed_minutes
from orderopt.rules.violation import HEADER_ROWS, build_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.facts import Facts


def judge_precedence(facts: Facts) -> Iterator[Finding]:
    """Yield steps that are missing, done twice or finished already, tasks before their predecessor, wrong ends."""
    tasks, jobs = facts.tasks, facts.jobs
    known = np.flatnonzero((tasks.job >= 0) & (tasks.step >= 0))
    known = known[facts.given.routings.step_routing[tasks.step[known]] == jobs.routing[tasks.job[known]]]
    order = known[np.lexsort((tasks.start[known], tasks.step[known], tasks.job[known]))]
    yield from _judge_repeats(facts, order)
    yield from _judge_finished(facts, order)
    yield from _judge_missing(facts, order)
    yield from _judge_waits(facts, order)
    yield from _judge_job_ends(facts)


def _judge_repeats(facts: Facts, order: Ints) -> Iterator[Finding]:
    tasks = facts.tasks
    before, after = order[:-1], order[1:]
    is_same = (tasks.job[before] == tasks.job[after]) & (tasks.step[before] == tasks.step[after])
    yield from build_findings(
        after[is_same],
        lambda row: Finding(
            code="STEP_TWICE",
            table="schedule",
            row=row + HEADER_ROWS,
            subject=tasks.name(row),
            says=f"job {tasks.table.text('job_id')[row]} has step {tasks.table.ints('op_no')[row]} more than once",
            expected="each step once",
        ),
    )


def _judge_finished(facts: Facts, order: Ints) -> Iterator[Finding]:
    tasks = facts.tasks
    is_before = tasks.is_planned[order] & (tasks.step[order] < _first_fixed(facts, order))
    yield from build_findings(
        order[is_before],
        lambda row: Finding(
            code="STEP_FINISHED",
            table="schedule",
            row=row + HEADER_ROWS,
            subject=tasks.name(row),
            says="a later step of the job is fixed, so this one is finished already",
            expected="no task",
        ),
    )


def _first_fixed(facts: Facts, order: Ints) -> Ints:
    """Return the first fixed step of each task's job, 0 for jobs without one."""
    first = facts.first_fixed_step[facts.tasks.job[order]]
    return np.asarray(np.where(first < NO_STEP, first, 0), dtype=np.int64)


def _judge_missing(facts: Facts, order: Ints) -> Iterator[Finding]:
    tasks, jobs, routings = facts.tasks, facts.jobs, facts.given.routings
    begins = np.where(facts.first_fixed_step < NO_STEP, facts.first_fixed_step, routings.first_step[jobs.routing])
    ends = routings.first_step[np.where(jobs.routing >= 0, jobs.routing + 1, 0)]
    needed = np.where(jobs.routing >= 0, ends - begins, 0)
    is_new = np.ones(len(order), dtype=np.bool_)
    same_job = tasks.job[order[1:]] == tasks.job[order[:-1]]
    is_new[1:] = ~(same_job & (tasks.step[order[1:]] == tasks.step[order[:-1]]))
    counted = order[is_new & (tasks.step[order] >= begins[tasks.job[order]])]
    present = np.bincount(tasks.job[counted], minlength=jobs.size)

    def build(job: int) -> Finding:
        rows = order[np.searchsorted(tasks.job[order], job) : np.searchsorted(tasks.job[order], job, side="right")]
        steps = sorted(set(range(int(begins[job]), int(ends[job]))) - set(tasks.step[rows].tolist()))
        missing = ", ".join(str(routings.step_op_no[step]) for step in steps)
        return Finding(
            code="STEP_MISSING",
            table="schedule",
            subject=jobs.name(job),
            says=f"it has no task for step {missing} of item {jobs.table.text('item_id')[job]} "
            f"at unit {jobs.table.text('unit_id')[job]}",
            expected=f"{needed[job]} steps, each once",
        )

    yield from build_findings(present < needed, build)


def _judge_waits(facts: Facts, order: Ints) -> Iterator[Finding]:
    tasks, routings = facts.tasks, facts.given.routings
    order = order[tasks.is_placed[order]]
    before, after = order[:-1], order[1:]
    is_next = (tasks.job[before] == tasks.job[after]) & (tasks.step[before] < tasks.step[after])
    is_next &= ~(tasks.is_fixed[before] & tasks.is_fixed[after])
    before, after = before[is_next], after[is_next]
    transfer = np.where(tasks.row[before] >= 0, routings.transfer[tasks.row[before]], 0)
    lag = -(-transfer // MICRO)
    overlaps = tasks.is_planned[before] & (routings.batch[tasks.row[before]] > 0)
    overlaps &= np.asarray(routings.batch[tasks.row[before]] < tasks.quantity[before], dtype=np.bool_)
    yield from _judge_too_early(facts, before, after, lag, overlaps)
    yield from _judge_tails(facts, before[overlaps], after[overlaps], lag[overlaps])
    yield from _judge_too_late(facts, before, after)


def _judge_too_early(facts: Facts, before: Ints, after: Ints, lag: Ints, overlaps: Bools) -> Iterator[Finding]:
    tasks, routings = facts.tasks, facts.given.routings
    ready = tasks.end[before].copy()
    early = before[overlaps]
    head = routings.work.ceil(tasks.row[early], routings.batch[tasks.row[early]])
    ready[overlaps] = tasks.reach(early, needed_minutes(tasks.setup[early], head))
    earliest = ready + lag

    def build(place: int) -> Finding:
        row, first = int(after[place]), int(before[place])
        part = "the first batch of the step before is done" if overlaps[place] else "of the step before has ended"
        return Finding(
            code="STEP_TOO_EARLY",
            table="schedule",
            row=row + HEADER_ROWS,
            column="start",
            subject=tasks.name(row),
            says=f"it starts {facts.say(tasks.start[row])}, before {tasks.name(first)} {part} "
            f"({facts.say(ready[place])}) and {lag[place]} minutes of transfer",
            expected=f"start no earlier than {facts.say(earliest[place])}",
        )

    yield from build_findings(tasks.start[after] < earliest, build)


def _judge_tails(facts: Facts, before: Ints, after: Ints, lag: Ints) -> Iterator[Finding]:
    """Yield overlapping steps that end before they could have worked on the last batch."""
    tasks, routings = facts.tasks, facts.given.routings
    tail = np.maximum(routings.batch_work.ceil(tasks.row[after], routings.batch[tasks.row[before]]), 1)
    arrives = tasks.end[before] + lag
    found = tasks.open_between(after, arrives, tasks.end[after])

    def build(place: int) -> Finding:
        row = int(after[place])
        return Finding(
            code="STEP_ENDS_TOO_EARLY",
            table="schedule",
            row=row + HEADER_ROWS,
            column="end",
            subject=tasks.name(row),
            says=f"it has {found[place]} open minutes from the arrival of the last batch "
            f"({facts.say(arrives[place])}) to its end {facts.say(tasks.end[row])}",
            expected=f"{tail[place]} minutes at least",
        )

    yield from build_findings(tasks.is_planned[after] & (found < tail), build)


def _judge_too_late(facts: Facts, before: Ints, after: Ints) -> Iterator[Finding]:
    tasks = facts.tasks
    most = facts.given.routings.most_wait[tasks.row[before]]
    wait = tasks.start[after] - tasks.end[before]

    def build(place: int) -> Finding:
        row = int(after[place])
        return Finding(
            code="STEP_TOO_LATE",
            table="schedule",
            row=row + HEADER_ROWS,
            column="start",
            subject=tasks.name(row),
            says=f"it starts {wait[place]} minutes after the end of {tasks.name(int(before[place]))}",
            expected=f"at most {most[place]} minutes",
        )

    yield from build_findings(tasks.is_planned[before] & (most >= 0) & (wait > most), build)


def _judge_job_ends(facts: Facts) -> Iterator[Finding]:
    jobs, supplies = facts.jobs, facts.supplies
    ends = supplies.available[supplies.first[2] : supplies.first[3]]
    is_known = supplies.is_available_known[supplies.first[2] : supplies.first[3]]
    yield from build_findings(
        is_known & jobs.table.is_given("available_at") & (jobs.table.ints("available_at") != ends),
        lambda row: Finding(
            code="JOB_AVAILABLE_AT",
            table="jobs",
            row=row + HEADER_ROWS,
            column="available_at",
            subject=jobs.name(row),
            says=f"available_at is {facts.say(jobs.table.ints('available_at')[row])}",
            expected=f"the end of its last task, {facts.say(ends[row])}",
        ),
    )
