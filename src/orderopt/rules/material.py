"""Rule *material*: every component is pegged to supplies in time, and no supply gives more than it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.draws import NO_START, build_draws
from orderopt.rules.exact import sum_groups
from orderopt.rules.names import Names, pair
from orderopt.rules.violation import HEADER_ROWS, build_findings, say_amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.draws import Draws
    from orderopt.rules.exact import Bools, Ints
    from orderopt.rules.facts import Facts


def judge_material(facts: Facts) -> Iterator[Finding]:
    """Yield wrong pegs, overdrawn supplies, jobs short of components or before them, parts not pegged in full."""
    draws = build_draws(facts)
    place = draws.find(facts.pegs.job, facts.supplies.item[facts.pegs.supply])
    yield from _judge_pegs(facts)
    yield from _judge_holdings(facts)
    yield from _judge_draws(facts, draws, place)
    yield from _judge_in_time(facts, draws, place)
    yield from _judge_peg_times(facts, draws, place)
    yield from _judge_line_pegs(facts)
    yield from _judge_parents(facts)


def _judge_pegs(facts: Facts) -> Iterator[Finding]:
    pegs, supplies = facts.pegs, facts.supplies
    table = pegs.table
    yield from build_findings(
        pegs.supply < 0,
        lambda row: Finding(
            code="UNKNOWN_SUPPLY",
            table="pegging",
            row=row + HEADER_ROWS,
            column="supply_id",
            value=str(table.text("supply_id")[row]),
            subject=pegs.name(row),
            says=f"there is no {table.text('supply_type')[row]} {table.text('supply_id')[row]!r}",
            expected="a supply of the snapshot or of this plan",
        ),
    )
    yield from build_findings(
        ~pegs.has_demand,
        lambda row: Finding(
            code="UNKNOWN_DEMAND",
            table="pegging",
            row=row + HEADER_ROWS,
            column="demand_id",
            value=str(table.text("demand_id")[row]),
            subject=pegs.name(row),
            says=f"no {table.text('demand_type')[row]} {table.text('demand_id')[row]!r} is planned",
            expected="order_id/line_no of a planned line, or a job_id",
        ),
    )
    yield from build_findings(
        (pegs.supply >= 0) & (pegs.item != supplies.item[pegs.supply]),
        lambda row: Finding(
            code="PEG_ITEM",
            table="pegging",
            row=row + HEADER_ROWS,
            column="item_id",
            value=str(table.text("item_id")[row]),
            subject=pegs.name(row),
            says="its item is not that of its supply",
            expected="the item of the supply",
        ),
    )
    yield from build_findings(
        (pegs.job >= 0) & (supplies.jobs_of(pegs.supply) == pegs.job),
        lambda row: Finding(
            code="PEG_TO_ITSELF",
            table="pegging",
            row=row + HEADER_ROWS,
            subject=pegs.name(row),
            says="the job is pegged to itself",
            expected="another supply",
        ),
    )


def _judge_holdings(facts: Facts) -> Iterator[Finding]:
    pegs, supplies = facts.pegs, facts.supplies
    drawn = sum_groups(pegs.supply, pegs.quantity, len(supplies))
    yield from build_findings(
        np.asarray(drawn > supplies.holds[:-1], dtype=np.bool_),
        lambda code: Finding(
            code="SUPPLY_OVERDRAWN",
            table="pegging",
            subject=supplies.name(code),
            says=f"{say_amount(drawn[code])} is pegged to it",
            expected=f"at most {say_amount(supplies.holds[code])}, what it holds",
        ),
    )


def _judge_draws(facts: Facts, draws: Draws, place: Ints) -> Iterator[Finding]:
    """Compare what is pegged with what is drawn; `place` is the draw of each peg, -1 where there is none."""
    pegs, jobs = facts.pegs, facts.jobs
    pegged = sum_groups(place, pegs.quantity, len(draws))
    items = facts.given.items.index
    yield from build_findings(
        np.asarray((pegged < draws.low) | (pegged > draws.high), dtype=np.bool_),
        lambda draw: Finding(
            code="MATERIAL_SHORT" if pegged[draw] < draws.low[draw] else "MATERIAL_TOO_MUCH",
            table="pegging",
            subject=jobs.name(int(draws.job[draw])),
            says=f"{say_amount(pegged[draw])} of component {items[draws.item[draw]]} is pegged to it",
            expected=f"{say_amount(draws.high[draw])}",
        ),
    )
    yield from build_findings(
        (pegs.job >= 0) & (pegs.supply >= 0) & (place < 0),
        lambda row: Finding(
            code="PEG_WITHOUT_NEED",
            table="pegging",
            row=row + HEADER_ROWS,
            subject=pegs.name(row),
            says="the job does not draw this item",
            expected="pegs for components of the job's item only",
        ),
    )


def _judge_in_time(facts: Facts, draws: Draws, place: Ints) -> Iterator[Finding]:
    """Follow the balance of each job's component: pegs add when they are available, steps draw as they start."""
    pegs, supplies, jobs = facts.pegs, facts.supplies, facts.jobs
    rows = np.flatnonzero(place >= 0)
    pegged = sum_groups(place, pegs.quantity, len(draws))
    is_short = np.asarray(pegged < draws.low, dtype=np.bool_)
    known = supplies.is_available_known[pegs.supply[rows]]
    available = np.where(known, supplies.available[pegs.supply[rows]], np.iinfo(np.int64).min)
    group = np.concatenate([place[rows], draws.step_draw])
    time = np.concatenate([available, draws.step_start])
    is_draw = np.concatenate([np.zeros(len(rows), dtype=np.int64), np.ones(len(draws.step_draw), dtype=np.int64)])
    change = np.concatenate([pegs.quantity[rows], -draws.step_low])
    order = np.lexsort((is_draw, time, group))
    group, time, is_draw = group[order], time[order], is_draw[order]
    running = np.cumsum(change[order])
    first = np.searchsorted(group, group)
    balance = running - (running - change[order])[first]
    broken = (is_draw == 1) & (balance < 0) & ~is_short[group]

    def build(event: int) -> Finding:
        draw = int(group[event])
        late = rows[(place[rows] == draw) & (available > time[event])]
        latest = max((int(supplies.available[pegs.supply[row]]) for row in late), default=int(time[event]))
        return Finding(
            code="MATERIAL_LATE",
            table="pegging",
            subject=jobs.name(int(draws.job[draw])),
            says=f"it starts to draw component {facts.given.items.index[draws.item[draw]]} at "
            f"{facts.say(time[event])}, {say_amount(-int(balance[event]))} of which is not there before "
            f"{facts.say(latest)}",
            expected="a start not before its material",
        )

    yield from build_findings(broken, build)


def _judge_peg_times(facts: Facts, draws: Draws, place: Ints) -> Iterator[Finding]:
    pegs, supplies = facts.pegs, facts.supplies
    said, needed = pegs.table.ints("available_at"), pegs.table.ints("needed_at")
    available, earliest = supplies.available[pegs.supply], supplies.earliest[pegs.supply]
    is_known = supplies.is_available_known[pegs.supply] & pegs.table.is_given("available_at")
    is_handed = supplies.is_handed_over(pegs.supply)
    is_wrong = np.where(is_handed, (said < earliest) | (said > np.maximum(available, needed)), said != available)
    yield from build_findings(
        is_known & np.asarray(is_wrong, dtype=np.bool_),
        lambda row: Finding(
            code="PEG_AVAILABLE_AT",
            table="pegging",
            row=row + HEADER_ROWS,
            column="available_at",
            subject=pegs.name(row),
            says=f"available_at is {facts.say(said[row])}",
            expected=f"{facts.say(available[row])}, when the supply is there",
        ),
    )
    is_issued = (place >= 0) & ~np.isin(place, draws.step_draw)
    is_taken = pegs.table.is_given("needed_at") & is_known & ~is_issued
    is_untimed = np.isin(place, draws.step_draw[draws.step_start == NO_START])
    is_missed = (place >= 0) & ~is_untimed & ~_has_step_start(draws, place, needed)
    yield from build_findings(
        is_taken & ((needed < available) | is_missed),
        lambda row: Finding(
            code="PEG_NEEDED_AT",
            table="pegging",
            row=row + HEADER_ROWS,
            column="needed_at",
            subject=pegs.name(row),
            says=f"needed_at is {facts.say(needed[row])}",
            expected="the start of the task that takes it"
            if is_missed[row]
            else f"no earlier than {facts.say(available[row])}, when the supply is there",
        ),
    )


def _has_step_start(draws: Draws, place: Ints, minutes: Ints) -> Bools:
    """Return whether a step of each peg's draw starts at its minute."""
    _, ranks = np.unique(np.concatenate([draws.step_start, minutes]), return_inverse=True)
    size, num_steps = len(ranks) + 1, len(draws.step_start)
    starts = pair(draws.step_draw, ranks[:num_steps], size)
    return np.asarray(np.isin(pair(place, ranks[num_steps:], size), starts), dtype=np.bool_)


def _judge_line_pegs(facts: Facts) -> Iterator[Finding]:
    """Compare, for each line (by name) and supply, what its parts take with what is pegged."""
    pegs, parts, supplies, lines = facts.pegs, facts.parts, facts.supplies, facts.given.lines
    part_keys = pair(lines.name_code[parts.line], np.where(parts.is_served, parts.supply, -1), len(supplies) + 1)
    peg_keys = pair(pegs.line_name, pegs.supply, len(supplies) + 1)
    keys = np.unique(np.concatenate([part_keys, peg_keys]))
    keys = keys[keys >= 0]
    names = Names(keys)
    taken = sum_groups(names.codes(part_keys), parts.quantity, len(keys))
    pegged = sum_groups(names.codes(peg_keys), pegs.quantity, len(keys))
    yield from build_findings(
        np.asarray(taken != pegged, dtype=np.bool_),
        lambda place: Finding(
            code="PART_PEGGED",
            table="pegging",
            subject=f"line {lines.names.index[keys[place] // (len(supplies) + 1)]}",
            says=f"{say_amount(pegged[place])} of {supplies.name(int(keys[place] % (len(supplies) + 1)))} "
            "is pegged to the line",
            expected=f"{say_amount(taken[place])}, what its parts take from it",
        ),
    )


def _judge_parents(facts: Facts) -> Iterator[Finding]:
    """Yield jobs whose main demand is not among their pegs."""
    jobs, pegs, supplies, lines = facts.jobs, facts.pegs, facts.supplies, facts.given.lines
    maker = supplies.jobs_of(pegs.supply)
    rows = np.arange(jobs.size, dtype=np.int64)
    kinds, parents = jobs.table.text("parent_type"), jobs.table.text("parent_id")
    line = np.where(kinds == "line", lines.names.codes(parents), -1)
    parent = np.where(kinds == "job", jobs.find(parents), -1)
    to_lines = np.isin(pair(rows, line, len(lines.names) + 1), pair(maker, pegs.line_name, len(lines.names) + 1))
    to_jobs = np.isin(pair(rows, parent, jobs.size + 1), pair(maker, pegs.job, jobs.size + 1))
    is_free = ~facts.has_fixed_task & ~np.append(facts.has_fixed_task, False)[parent]
    yield from build_findings(
        is_free & (((line >= 0) & ~to_lines) | ((parent >= 0) & ~to_jobs)),
        lambda row: Finding(
            code="PARENT_NOT_PEGGED",
            table="jobs",
            row=row + HEADER_ROWS,
            column="parent_id",
            subject=jobs.name(row),
            says=f"nothing of it is pegged to its main demand, {kinds[row]} {parents[row]}",
            expected="a peg to the demand the job is made for",
        ),
    )
