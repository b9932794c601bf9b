"""Rule *crew*: a setup crew changes over one resource at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.exact import MICRO
from orderopt.rules.violation import HEADER_ROWS, build_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.facts import Facts


def judge_crew(facts: Facts) -> Iterator[Finding]:
    """Yield tasks whose setup begins while their crew sets up another resource; fixed ones are not judged together."""
    tasks = facts.tasks
    crew = facts.given.resources.setup_crew[tasks.resource]
    rows = np.flatnonzero(tasks.is_placed & (crew >= 0) & (tasks.setup > 0))
    if not len(rows):
        return
    until = np.minimum(tasks.reach(rows, -(-tasks.setup[rows] // MICRO)), tasks.end[rows])
    order = np.lexsort((until, tasks.start[rows], crew[rows]))
    rows, until = rows[order], until[order]
    late = np.full(len(rows), -1, dtype=np.int64)
    last: dict[tuple[int, bool], int] = {}
    for place, row in enumerate(rows.tolist()):
        kinds = (True, False) if tasks.is_planned[row] else (True,)
        for kind in kinds:  # what is planned meets all setups of its crew, what is fixed only planned ones
            other = last.get((int(crew[row]), kind))
            if other is not None and until[other] > tasks.start[row]:
                late[place] = other
        key = int(crew[row]), bool(tasks.is_planned[row])
        if key not in last or until[place] > until[last[key]]:
            last[key] = place

    def build(place: int) -> Finding:
        row, other = int(rows[place]), int(rows[late[place]])
        name = facts.given.resources.crews[int(crew[row])]
        return Finding(
            code="CREW_BUSY",
            table="schedule",
            row=row + HEADER_ROWS,
            column="start",
            subject=tasks.name(row),
            says=f"its setup begins {facts.say(tasks.start[row])} while crew {name} sets up for {tasks.name(other)} "
            f"until {facts.say(until[late[place]])}",
            expected="one setup of a crew at a time",
        )

    yield from build_findings(late >= 0, build)
