"""Rule *earliest*: nothing but fixed tasks starts before the planning start or the line's release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.exact import Ints
from orderopt.rules.lines import NO_BOUND
from orderopt.rules.violation import HEADER_ROWS, build_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.facts import Facts

_MAX_DEPTH = 64
"""Halvings of the way from a component's job to its line: enough for any chain that is no circle."""


def judge_earliest(facts: Facts) -> Iterator[Finding]:
    """Yield planned tasks that start too early."""
    tasks, begin = facts.tasks, facts.given.start
    is_judged = tasks.is_planned & tasks.table.is_given("start")
    yield from build_findings(
        is_judged & (tasks.start < begin),
        lambda row: Finding(
            code="BEFORE_PLANNING_START",
            table="schedule",
            row=row + HEADER_ROWS,
            column="start",
            subject=tasks.name(row),
            says=f"it starts {facts.say(tasks.start[row])}",
            expected=f"no earlier than {facts.say(begin)}",
        ),
    )
    release = np.append(build_releases(facts), NO_BOUND)[tasks.job]
    yield from build_findings(
        is_judged & (tasks.start < release),
        lambda row: Finding(
            code="BEFORE_RELEASE",
            table="schedule",
            row=row + HEADER_ROWS,
            column="start",
            subject=tasks.name(row),
            says=f"it starts {facts.say(tasks.start[row])}",
            expected=f"no earlier than {facts.say(release[row])}, the release of the line it is made for",
        ),
    )


def build_releases(facts: Facts) -> Ints:
    """Return for each job the release of the line it is made for.

    That line is the job's main demand, or that of the job it is made for. A job made for stock may serve
    lines all the same: then the earliest of their releases counts.
    """
    jobs, lines, pegs = facts.jobs, facts.given.lines, facts.pegs
    by_name = np.full(len(lines.names) + 1, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(by_name, lines.name_code[:-1], lines.release[:-1])
    by_name[-1] = NO_BOUND
    kinds, parents = jobs.table.text("parent_type"), jobs.table.text("parent_id")
    own = by_name[np.where(kinds == "line", lines.names.codes(parents), -1)]
    pegged = np.full(jobs.size, np.iinfo(np.int64).max, dtype=np.int64)
    maker = facts.supplies.jobs_of(pegs.supply)
    rows = np.flatnonzero((maker >= 0) & (pegs.line_name >= 0))
    np.minimum.at(pegged, maker[rows], by_name[pegs.line_name[rows]])
    own = np.where((kinds == "stock") & (pegged < np.iinfo(np.int64).max), pegged, own)
    parent = np.where(kinds == "job", jobs.find(parents), -1)
    root = np.where(parent >= 0, parent, np.arange(jobs.size))
    for _ in range(_MAX_DEPTH):
        further = root[root]
        if np.array_equal(further, root):
            break
        root = further
    return np.asarray(own[root], dtype=np.int64)
