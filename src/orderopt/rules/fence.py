"""Rule *fixed tasks*: what is running or frozen stands in the schedule as given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.models.moment import ceil_minute
from orderopt.rules.exact import to_micros
from orderopt.rules.rows import RowFinder
from orderopt.rules.violation import HEADER_ROWS, build_findings
from orderopt.rules.wall_clock import to_minute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.models.result import FixedTask
    from orderopt.rules.facts import Facts


def judge_fence(facts: Facts) -> Iterator[Finding]:
    """Yield fixed tasks that are missing or changed, and tasks called frozen that are not given."""
    yield from _judge_missing(facts)
    yield from _judge_changed(facts)
    yield from _judge_frozen(facts)
    yield from _judge_quantities(facts)


def _judge_missing(facts: Facts) -> Iterator[Finding]:
    fixed = facts.given.snapshot.fixed_tasks
    ids = np.empty(len(fixed), dtype=object)
    ids[:] = [task.task_id for task in fixed]
    rows = RowFinder(facts.tasks.table.text("task_id")).find(ids)
    yield from build_findings(
        rows < 0,
        lambda place: Finding(
            code="FIXED_TASK_MISSING",
            table="schedule",
            subject=f"task {fixed[place].task_id}",
            says="this fixed task is not in the schedule",
            expected="every fixed task, as given",
        ),
    )


def _differences(facts: Facts, row: int, task: FixedTask) -> list[str]:
    """Return the columns in which a row of the schedule differs from the fixed task."""
    table = facts.tasks.table
    same = {
        column: str(table.text(column)[row]) == getattr(task, column)
        for column in ("job_id", "item_id", "unit_id", "resource_id")
    }
    same |= {
        column: getattr(task, column) is None or str(table.text(column)[row]) == getattr(task, column)
        for column in ("order_id", "line_no")
    }
    same["op_no"] = bool(table.ints("op_no")[row] == task.op_no)
    same["setup_minutes"] = bool(table.ints("setup_minutes")[row] == to_micros(task.setup_minutes))
    same["quantity"] = bool(table.ints("quantity")[row] == to_micros(task.quantity))
    same["start"] = bool(table.ints("start")[row] == to_minute(task.start))
    same["end"] = int(table.ints("end")[row]) in {to_minute(task.end), to_minute(ceil_minute(task.end))}
    same["frozen"] = bool(table.ints("frozen")[row] == 1)
    return [column for column, is_same in same.items() if not is_same or _is_unread(facts, row, column)]


def _is_unread(facts: Facts, row: int, column: str) -> bool:
    return bool(facts.tasks.table.columns[column].is_bad[row])


def _judge_changed(facts: Facts) -> Iterator[Finding]:
    tasks = facts.tasks
    differences = {}
    for row in np.flatnonzero(tasks.is_fixed):
        columns = _differences(facts, int(row), tasks.fixed_task(int(row)))
        if columns:
            differences[int(row)] = columns

    def build(row: int) -> Finding:
        task = tasks.fixed_task(row)
        given = {"frozen": 1} | {column: getattr(task, column) for column in differences[row] if column != "frozen"}
        return Finding(
            code="FIXED_TASK_CHANGED",
            table="schedule",
            row=row + HEADER_ROWS,
            column=differences[row][0],
            subject=tasks.name(row),
            says=f"it is fixed, and differs in {', '.join(differences[row])}",
            expected=", ".join(f"{column} {given[column]}" for column in differences[row]),
        )

    yield from build_findings(np.array(list(differences), dtype=np.int64), build)


def _judge_frozen(facts: Facts) -> Iterator[Finding]:
    tasks = facts.tasks
    yield from build_findings(
        tasks.is_planned & (tasks.table.ints("frozen") == 1),
        lambda row: Finding(
            code="NOT_GIVEN",
            table="schedule",
            row=row + HEADER_ROWS,
            column="frozen",
            subject=tasks.name(row),
            says="it is called frozen, and no such fixed task is given",
            expected="frozen 0",
        ),
    )


def _judge_quantities(facts: Facts) -> Iterator[Finding]:
    """Yield jobs that have been started (they have fixed tasks) in another quantity than planned."""
    tasks, jobs = facts.tasks, facts.jobs
    rows = np.flatnonzero(tasks.is_fixed & (tasks.job >= 0))
    is_kept = np.zeros(jobs.size, dtype=np.bool_)
    same = tasks.table.ints("quantity")[rows] == jobs.quantity[tasks.job[rows]]
    is_kept[tasks.job[rows[same]]] = True
    yield from build_findings(
        facts.has_fixed_task & ~is_kept,
        lambda row: Finding(
            code="FIXED_JOB_CHANGED",
            table="jobs",
            row=row + HEADER_ROWS,
            column="quantity",
            subject=jobs.name(row),
            says="it has been started in another quantity",
            expected="the quantity of its fixed tasks",
        ),
    )
