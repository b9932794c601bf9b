"""Rule *eligible*: what serves a part exists and fits it, and each task stands where its routing allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.parts import SUPPLY_KIND
from orderopt.rules.violation import HEADER_ROWS, build_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.exact import Bools
    from orderopt.rules.facts import Facts


def judge_eligibility(facts: Facts) -> Iterator[Finding]:
    """Yield parts without a fitting supply, jobs without a routing, and tasks on a wrong resource."""
    yield from _judge_supplies(facts)
    yield from _judge_jobs(facts)
    yield from _judge_task_jobs(facts)
    yield from _judge_tasks(facts)


def _judge_supplies(facts: Facts) -> Iterator[Finding]:
    parts, supplies, lines = facts.parts, facts.supplies, facts.given.lines
    yield from build_findings(
        parts.is_served & (parts.supply < 0),
        lambda row: Finding(
            code="UNKNOWN_SUPPLY",
            table="allocation",
            row=row + HEADER_ROWS,
            column="supply_id",
            value=str(parts.table.text("supply_id")[row]),
            subject=parts.name(row),
            says=f"{parts.source[row]} {parts.table.text('supply_id')[row]!r} hands nothing over: it is not there",
            expected=f"a {SUPPLY_KIND.get(parts.source[row], 'supply')} of this plan",
        ),
    )
    has_supply = parts.is_served & (parts.supply >= 0) & (parts.line >= 0)
    yield from build_findings(
        has_supply & (supplies.item[parts.supply] != lines.item[parts.line]),
        lambda row: Finding(
            code="SUPPLY_ITEM",
            table="allocation",
            row=row + HEADER_ROWS,
            subject=parts.name(row),
            says=f"{supplies.name(parts.supply[row])} is not of the item ordered",
            expected=f"item {lines.rows[parts.line[row]].item_id}",
        ),
    )
    yield from build_findings(
        parts.is_served & (parts.supply >= 0) & ~_has_source(facts),
        lambda row: Finding(
            code="SUPPLY_SOURCE",
            table="allocation",
            row=row + HEADER_ROWS,
            column="source_id",
            value=str(parts.table.text("source_id")[row]),
            subject=parts.name(row),
            says=f"{supplies.name(parts.supply[row])} does not come from {parts.source[row]} "
            f"{parts.table.text('source_id')[row]!r}",
            expected="the source that the supply has",
        ),
    )


def _has_source(facts: Facts) -> Bools:
    """Return whether each part names the source that its supply has."""
    parts, supplies = facts.parts, facts.supplies
    said = parts.table.text("source_id")
    sources = np.empty(len(supplies) + 1, dtype=object)
    sources[-1] = ""
    stocks = facts.given.stocks
    first = supplies.first
    sources[: first[1]] = [stock.site or stock.name for stock in stocks.values()]
    sources[first[1] : first[2]] = list(dict.fromkeys(row.receipt_id for row in facts.given.snapshot.receipts))
    sources[first[2] : first[3]] = facts.jobs.table.text("unit_id")
    sources[first[3] : first[4]] = facts.tables["purchases"].text("supplier_id")
    is_named = said == sources[parts.supply]
    for row in np.flatnonzero(~is_named & (parts.supply >= 0) & (parts.supply < first[1])):
        stock = stocks[str(parts.table.text("supply_id")[row])]
        is_named[row] = stock.site is None and said[row] in {"", stock.item_id, stock.name}
    return np.asarray(is_named, dtype=np.bool_)


def _judge_jobs(facts: Facts) -> Iterator[Finding]:
    jobs = facts.jobs
    yield from build_findings(
        jobs.routing < 0,
        lambda row: Finding(
            code="NO_ROUTING",
            table="jobs",
            row=row + HEADER_ROWS,
            subject=jobs.name(row),
            says=f"unit {jobs.table.text('unit_id')[row]} has no routing for item {jobs.table.text('item_id')[row]}",
            expected="a unit with operations for the item",
        ),
    )
    kinds, parents = jobs.table.text("parent_type"), jobs.table.text("parent_id")
    is_line, is_job = kinds == "line", kinds == "job"
    is_there = np.ones(jobs.size, dtype=np.bool_)
    is_there[is_line] = facts.given.lines.all_names.codes(parents[is_line]) >= 0
    is_there[is_job] = jobs.find(parents[is_job]) >= 0
    yield from build_findings(
        ~is_there,
        lambda row: Finding(
            code="UNKNOWN_PARENT",
            table="jobs",
            row=row + HEADER_ROWS,
            column="parent_id",
            value=str(parents[row]),
            subject=jobs.name(row),
            says=f"there is no {kinds[row]} {parents[row]!r}",
            expected="order_id/line_no of a line, or a job_id",
        ),
    )


def _judge_task_jobs(facts: Facts) -> Iterator[Finding]:
    tasks, jobs = facts.tasks, facts.jobs
    yield from build_findings(
        tasks.is_planned & (tasks.job < 0),
        lambda row: Finding(
            code="UNKNOWN_JOB",
            table="schedule",
            row=row + HEADER_ROWS,
            column="job_id",
            value=str(tasks.table.text("job_id")[row]),
            subject=tasks.name(row),
            says=f"there is no job {tasks.table.text('job_id')[row]!r}",
            expected="a row of jobs",
        ),
    )
    known = tasks.is_planned & (tasks.job >= 0)
    for column, own, of_job in (("item_id", tasks.item, jobs.item), ("unit_id", tasks.unit, jobs.unit)):
        differs = known.copy()
        differs[known] = (own[known] != of_job[tasks.job[known]]) | (own[known] < 0)
        yield from build_findings(
            differs,
            lambda row, column=column: Finding(  # type: ignore[misc]
                code="TASK_OF_OTHER_JOB",
                table="schedule",
                row=row + HEADER_ROWS,
                column=column,
                subject=tasks.name(row),
                says=f"{column} is {tasks.table.text(column)[row]!r}",
                expected=f"that of its job, {jobs.table.text(column)[tasks.job[row]]!r}",
            ),
        )
    own_quantity = tasks.table.ints("quantity")
    yield from build_findings(
        known & (own_quantity != tasks.quantity),
        lambda row: Finding(
            code="TASK_QUANTITY",
            table="schedule",
            row=row + HEADER_ROWS,
            column="quantity",
            subject=tasks.name(row),
            says="its quantity is not the started quantity of its job",
            expected=f"{tasks.quantity[row] / 1_000_000:g}",
        ),
    )


def _judge_tasks(facts: Facts) -> Iterator[Finding]:
    tasks = facts.tasks
    yield from build_findings(
        tasks.is_planned & (tasks.row < 0),
        lambda row: Finding(
            code="RESOURCE_NOT_ELIGIBLE" if tasks.step[row] >= 0 else "UNKNOWN_STEP",
            table="schedule",
            row=row + HEADER_ROWS,
            column="resource_id",
            value=str(tasks.table.text("resource_id")[row]),
            subject=tasks.name(row),
            says=f"the routing of {tasks.table.text('item_id')[row]} at {tasks.table.text('unit_id')[row]} "
            + (
                f"does not name the resource for step {tasks.table.ints('op_no')[row]}"
                if tasks.step[row] >= 0
                else f"has no step {tasks.table.ints('op_no')[row]}"
            ),
            expected="a row of operations",
        ),
    )
