"""Makes the disjunctive graph of a schedule, and a schedule of a graph."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np

from orderopt.solvers.compiled.shop import NONE, Floats, Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import sequence_order
from orderopt.solvers.scheduling.kernels_graph import DAY, Facts, Graph, settle


def gather_facts(problem: ShopProblem) -> Facts:
    """Return what a search reads and does not change, laid out for its loops."""
    arrays = problem.arrays
    num_tasks, num_lines = problem.num_tasks, len(arrays.line_due)
    job_last = arrays.job_ptr[1:] - 1
    task = np.zeros((num_tasks, 8), dtype=np.int64)
    task[:, 0] = arrays.task_job
    task[:, 1] = np.maximum(arrays.task_release, arrays.start[0])
    task[:, 2] = arrays.task_is_fixed
    number = np.arange(num_tasks)
    task[:, 3] = number > arrays.job_ptr[arrays.task_job]
    task[:, 4] = number < job_last[arrays.task_job]
    task[:, 5], task[:, 6] = arrays.link_ptr[:-1], arrays.link_ptr[1:]
    task[:, 7] = np.where(task[:, 4] == 0, arrays.job_line[arrays.task_job], NONE)
    resource = arrays.alt_resource
    alt = np.stack(
        (
            resource,
            arrays.alt_work,
            arrays.alt_family,
            arrays.alt_breakable,
            arrays.alt_lag,
            arrays.resource_calendar[resource],
            arrays.setup_ptr[resource],
            arrays.setup_size[resource],
        ),
        axis=1,
    )
    serving = np.flatnonzero(arrays.job_line != NONE)
    counts = np.bincount(arrays.job_line[serving], minlength=num_lines)
    num_units = max(len(problem.unit_capacity), int(arrays.resource_unit.max(initial=0)) + 1)
    capacity = np.zeros(num_units)
    capacity[: len(problem.unit_capacity)] = problem.unit_capacity
    return Facts(
        task=task,
        alt=np.ascontiguousarray(alt),
        alt_ptr=arrays.alt_ptr,
        alt_cost=arrays.alt_cost,
        alt_minute_cost=arrays.resource_minute_cost[resource],
        alt_unit=arrays.resource_unit[resource],
        fixed=np.stack((arrays.fixed_start, arrays.fixed_end, arrays.fixed_setup), axis=1),
        link_task=job_last[arrays.link_job],
        feed_ptr=arrays.feed_ptr,
        feed_task=arrays.feed_task,
        slot_ptr=arrays.slot_ptr,
        slot_resource=np.repeat(np.arange(problem.num_resources), np.diff(arrays.slot_ptr)).astype(np.int64),
        initial=arrays.resource_initial,
        setup_minutes=arrays.setup_minutes,
        setup_cost=arrays.setup_cost,
        opens=arrays.opens,
        closes=arrays.closes,
        calendar_ptr=arrays.calendar_ptr,
        day_span=_day_spans(problem),
        line_due=arrays.line_due,
        line_floor=arrays.line_floor,
        line_weight=arrays.line_weight,
        line_charge=_line_charges(problem),
        line_ptr=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        line_jobs=serving[np.argsort(arrays.job_line[serving], kind="stable")].astype(np.int64),
        job_last=job_last,
        job_lead=arrays.job_lead,
        job_timetable=arrays.job_timetable,
        timetable_ptr=arrays.timetable_ptr,
        timetable_at=arrays.timetable_at,
        unit_capacity=capacity,
    )


def build_graph(problem: ShopProblem, facts: Facts, schedule: ShopSchedule) -> Graph:
    """Return the graph of a schedule, timed: nothing stands later than in the schedule.

    Parameters
    ----------
    schedule
        Complete and lawful.
    """
    order = sequence_order(schedule)
    return _assemble(problem, facts, order, schedule.alternative, slots_of(problem, schedule, order))


def join_graphs(problem: ShopProblem, facts: Facts, parts: Sequence[Graph], region: Ints) -> Graph:
    """Return one graph in which the tasks of each region stand as in the graph of that number.

    Where that pushes a task into a fixed one its cost is infinite.

    Parameters
    ----------
    parts
        Graphs of one schedule, each changed in its own region alone.
    region
        Shape (T): a part of the topological order, counted from 0.
    """
    order = np.concatenate([part.at[region[part.at] == number] for number, part in enumerate(parts)])
    states = np.stack([part.state[:, :2] for part in parts])
    chosen_and_slot = states[region, np.arange(problem.num_tasks)]
    return _assemble(problem, facts, order, chosen_and_slot[:, 0], chosen_and_slot[:, 1])


def copy_graph(graph: Graph) -> Graph:
    """Return a graph that can be changed without changing this one."""
    return Graph._make(each.copy() for each in graph)


def _assemble(problem: ShopProblem, facts: Facts, order: Ints, chosen: Ints, slot: Ints) -> Graph:
    """Return the graph in which the tasks of each slot follow each other as in a topological order."""
    num_tasks, num_jobs, num_lines = problem.num_tasks, problem.num_jobs, len(problem.arrays.line_due)
    before, after, first = chains(slot[order], order, int(problem.arrays.slot_ptr[-1]))

    def zeros(*shape: int) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    makespan = 0.0 if problem.charges is None else problem.charges.makespan
    rank, later = zeros(num_tasks), zeros(num_tasks)
    rank[order] = np.arange(num_tasks)
    graph = Graph(
        state=np.ascontiguousarray(np.stack((chosen, slot, before, after, later, later, later, rank), axis=1)),
        first=first,
        at=order.copy(),
        arrival=zeros(num_jobs),
        latest=zeros(num_lines),
        load=np.zeros(len(facts.unit_capacity)),
        scalars=np.array([0.0, problem.fairness_weight, makespan]),
        num_jobs=np.array([problem.num_real_jobs], dtype=np.int64),
        queue=np.zeros(num_tasks // 64 + 1, dtype=np.uint64),
        log=zeros(num_tasks, 4),
        stamp=np.full(num_tasks, NONE, dtype=np.int64),
        line_stamp=np.full(num_lines, NONE, dtype=np.int64),
        line_log=zeros(num_lines, 2),
        job_log=zeros(4 * num_jobs + 16, 2),
        counters=zeros(5),
        marked=zeros(num_tasks),
        spare=zeros(num_tasks),
    )
    if not settle(facts, graph):
        graph.scalars[0] = np.inf
    return graph


def as_schedule(state: Ints) -> ShopSchedule:
    """Return the schedule of the state of a graph."""
    return ShopSchedule(state[:, 0].copy(), state[:, 4].copy(), state[:, 5].copy(), state[:, 6].copy())


def _line_charges(problem: ShopProblem) -> Floats:
    """Return what each line costs beside its lateness: once late, a minute of flow, and since when that counts."""
    if problem.charges is None:
        return np.zeros((len(problem.arrays.line_due), 3))
    charges = problem.charges
    return np.ascontiguousarray(np.stack((charges.late, charges.flow, charges.since.astype(np.float64)), axis=1))


def _day_spans(problem: ShopProblem) -> Ints:
    """Return the first span of each calendar that closes after the begin of each day."""
    arrays = problem.arrays
    last = int(arrays.closes[arrays.closes < arrays.closes.max(initial=0)].max(initial=0)) if len(arrays.closes) else 0
    days = np.arange(max(0, last) // DAY + 2) * DAY
    spans = np.zeros((len(problem.open_times), len(days)), dtype=np.int64)
    for calendar in range(len(problem.open_times)):
        low, high = arrays.calendar_ptr[calendar], arrays.calendar_ptr[calendar + 1]
        spans[calendar] = low + np.searchsorted(arrays.closes[low:high], days, side="right")
    return spans


def slots_of(problem: ShopProblem, schedule: ShopSchedule, order: Ints) -> Ints:
    """Return a slot for each task such that those of one slot do not overlap (a colouring of intervals)."""
    arrays = problem.arrays
    resource = arrays.alt_resource[schedule.alternative]
    slot = arrays.slot_ptr[resource].astype(np.int64)
    several = np.diff(arrays.slot_ptr)[resource] > 1
    free: dict[int, list[tuple[int, int]]] = {}
    for task in order[several[order]].tolist():
        where = int(resource[task])
        if where not in free:
            free[where] = [(-(1 << 60), each) for each in range(arrays.slot_ptr[where], arrays.slot_ptr[where + 1])]
        _, taken = heapq.heappop(free[where])
        slot[task] = taken
        heapq.heappush(free[where], (int(schedule.end[task]), taken))
    return slot


def chains(slot_in_order: Ints, order: Ints, num_slots: int) -> tuple[Ints, Ints, Ints]:
    """Return the task before and the task after each on its slot, and the first task of each slot."""
    by_slot = np.argsort(slot_in_order, kind="stable")
    tasks, slots = order[by_slot], slot_in_order[by_slot]
    before, after = np.full(len(order), NONE, dtype=np.int64), np.full(len(order), NONE, dtype=np.int64)
    first = np.full(num_slots, NONE, dtype=np.int64)
    if len(tasks):
        same = slots[1:] == slots[:-1]
        before[tasks[1:][same]] = tasks[:-1][same]
        after[tasks[:-1][same]] = tasks[1:][same]
        heads = np.concatenate(([True], ~same))
        first[slots[heads]] = tasks[heads]
    return before, after, first
