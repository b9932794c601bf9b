"""Rule *changeover*: each task has exactly the setup minutes of the family before it and its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.exact import MICRO, Bools, Ints
from orderopt.rules.names import UNKNOWN
from orderopt.rules.violation import HEADER_ROWS, build_findings, say_amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.facts import Facts


@dataclass(frozen=True, eq=False)
class Sequence:
    """The tasks of the resources of capacity 1, one after the other.

    Attributes
    ----------
    rows
        Tasks by resource and time; tasks of zero minutes at one moment in table order.
    is_first
        Whether a task is the first on its resource.
    before, after
        Codes of the family before each task and of its own, -1 for none.
    changeover
        Row of the changeovers that counts, -1 for none.
    """

    rows: Ints
    is_first: Bools
    before: Ints
    after: Ints
    changeover: Ints


def build_sequence(facts: Facts) -> Sequence:
    """Return the tasks of single resources in sequence, each with the changeover that counts for it."""
    tasks, resources = facts.tasks, facts.given.resources
    rows = tasks.order[resources.capacity[tasks.resource[tasks.order]] == 1]
    resource, after = tasks.resource[rows], tasks.family[rows]
    is_first = np.ones(len(rows), dtype=np.bool_)
    is_first[1:] = resource[1:] != resource[:-1]
    before = np.concatenate([after[:0], [UNKNOWN], after[:-1]])[: len(rows)]
    before = np.where(is_first, resources.initial_family[resource], before)
    found = facts.given.changeovers.find(resource, before, after)
    is_none = (after < 0) | (is_first & (before < 0))
    return Sequence(rows, is_first, before, after, np.where(is_none, UNKNOWN, found))


def judge_changeover(facts: Facts) -> Iterator[Finding]:
    """Yield planned tasks that may not follow the one before, or whose setup minutes are not those of their pair.

    A setup of a fraction of a minute may also be given rounded up to the whole minute it takes.
    """
    yield from _judge_pairs(facts)
    yield from _judge_forbidden(facts)
    yield from _judge_without_sequence(facts)


def _judge_pairs(facts: Facts) -> Iterator[Finding]:
    tasks, sequence = facts.tasks, build_sequence(facts)
    needed = facts.given.changeovers.minutes[sequence.changeover]
    found = tasks.setup[sequence.rows]
    rounded = -(-needed // MICRO) * MICRO
    is_allowed = ~facts.given.changeovers.is_forbidden[sequence.changeover]
    is_wrong = tasks.is_planned[sequence.rows] & is_allowed & (found != needed) & (found != rounded)

    def build(place: int) -> Finding:
        row = int(sequence.rows[place])
        return Finding(
            code="SETUP_MINUTES",
            table="schedule",
            row=row + HEADER_ROWS,
            column="setup_minutes",
            value=say_amount(found[place]),
            subject=tasks.name(row),
            says=f"it has {say_amount(found[place])} minutes of setup, {_say_pair(facts, sequence, place)}",
            expected=f"{say_amount(needed[place])} minutes",
        )

    yield from build_findings(is_wrong, build)


def _judge_forbidden(facts: Facts) -> Iterator[Finding]:
    sequence = build_sequence(facts)
    is_barred = facts.given.changeovers.is_forbidden[sequence.changeover]

    def build(place: int) -> Finding:
        row = int(sequence.rows[place])
        return Finding(
            code="FORBIDDEN_SUCCESSION",
            table="schedule",
            row=row + HEADER_ROWS,
            column="resource_id",
            subject=facts.tasks.name(row),
            says=f"it stands where its family is forbidden: {_say_pair(facts, sequence, place)}",
            expected="a task that may follow",
        )

    yield from build_findings(facts.tasks.is_planned[sequence.rows] & is_barred, build)


def _say_pair(facts: Facts, sequence: Sequence, place: int) -> str:
    """Say what stands before a task of the sequence and which families meet."""
    families = facts.given.changeovers.families.index
    before, after = (
        repr(families[code]) if code >= 0 else "no family" for code in (sequence.before[place], sequence.after[place])
    )
    origin = (
        "the first task, initially"
        if sequence.is_first[place]
        else f"after task {facts.tasks.table.text('task_id')[sequence.rows[place - 1]]} with"
    )
    return f"{origin} {before}, its own {after}"


def _judge_without_sequence(facts: Facts) -> Iterator[Finding]:
    tasks = facts.tasks
    has_many = facts.given.resources.capacity[tasks.resource] > 1
    yield from build_findings(
        tasks.is_planned & has_many & (tasks.setup != 0),
        lambda row: Finding(
            code="SETUP_MINUTES",
            table="schedule",
            row=row + HEADER_ROWS,
            column="setup_minutes",
            value=say_amount(tasks.setup[row]),
            subject=tasks.name(row),
            says=f"it has {say_amount(tasks.setup[row])} minutes of setup",
            expected="0: a resource that does several tasks at once has no setup",
        ),
    )
