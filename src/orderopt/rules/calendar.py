"""Rule *working time*: a task works exactly its minutes, all of them while its resource is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderopt.models.finding import Finding
from orderopt.rules.tasks import needed_minutes
from orderopt.rules.violation import HEADER_ROWS, build_findings, say_amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.facts import Facts


def judge_calendar(facts: Facts) -> Iterator[Finding]:
    """Yield planned tasks off the grid, backwards, of a wrong length, in closed time, or broken without leave."""
    yield from _judge_grid(facts)
    yield from _judge_length(facts)
    yield from _judge_open(facts)


def _judge_grid(facts: Facts) -> Iterator[Finding]:
    tasks = facts.tasks
    for column in ("start", "end"):
        yield from build_findings(
            tasks.is_planned & tasks.table.is_off_grid(column) & tasks.table.is_given(column),
            lambda row, column=column: Finding(  # type: ignore[misc]
                code="OFF_GRID",
                table="schedule",
                row=row + HEADER_ROWS,
                column=column,
                subject=tasks.name(row),
                says=f"{column} is not a whole minute",
                expected="times on the grid of one minute",
            ),
        )
    yield from build_findings(
        tasks.is_planned & tasks.table.is_given("start") & tasks.table.is_given("end") & (tasks.end < tasks.start),
        lambda row: Finding(
            code="TASK_BACKWARDS",
            table="schedule",
            row=row + HEADER_ROWS,
            subject=tasks.name(row),
            says=f"it ends {facts.say(tasks.end[row])}, before it starts {facts.say(tasks.start[row])}",
            expected="an end not before the start",
        ),
    )


def _judge_length(facts: Facts) -> Iterator[Finding]:
    tasks = facts.tasks
    needed = needed_minutes(tasks.setup, tasks.work)
    is_judged = tasks.is_planned & tasks.is_placed & (tasks.row >= 0)
    yield from build_findings(
        is_judged & (tasks.open_time.minutes != needed),
        lambda row: Finding(
            code="TASK_LENGTH",
            table="schedule",
            row=row + HEADER_ROWS,
            subject=tasks.name(row),
            says=f"{tasks.open_time.minutes[row]} open minutes lie between {facts.say(tasks.start[row])} and "
            f"{facts.say(tasks.end[row])}",
            expected=f"{needed[row]}: {say_amount(tasks.setup[row])} of setup and {tasks.work[row]} of work",
        ),
    )


def _judge_open(facts: Facts) -> Iterator[Finding]:
    tasks = facts.tasks
    is_judged = tasks.is_planned & tasks.is_placed
    yield from build_findings(
        is_judged & ~tasks.open_time.starts_open,
        lambda row: Finding(
            code="STARTS_CLOSED",
            table="schedule",
            row=row + HEADER_ROWS,
            column="start",
            subject=tasks.name(row),
            says=f"the resource is closed when it starts, {facts.say(tasks.start[row])}",
            expected="a start at a minute that is open",
        ),
    )
    yield from build_findings(
        is_judged & ~tasks.open_time.ends_open,
        lambda row: Finding(
            code="ENDS_CLOSED",
            table="schedule",
            row=row + HEADER_ROWS,
            column="end",
            subject=tasks.name(row),
            says=f"the resource is closed when it ends, {facts.say(tasks.end[row])}",
            expected="an end within open time, or as it closes",
        ),
    )
    is_breakable = facts.given.routings.is_breakable[tasks.row]
    yield from build_findings(
        is_judged & ~is_breakable & ~tasks.open_time.is_whole,
        lambda row: Finding(
            code="TASK_BROKEN",
            table="schedule",
            row=row + HEADER_ROWS,
            subject=tasks.name(row),
            says=f"it may not pause, and the resource closes between {facts.say(tasks.start[row])} and "
            f"{facts.say(tasks.end[row])}",
            expected="one open window",
        ),
    )
