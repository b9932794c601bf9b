"""The raw data as orderopt's scheduling question.

A makespan is said as one line, due at minute 0, that all jobs serve: it arrives with the last of them, and its
lateness is the makespan. Weighted tardiness is a line for each job. Positions of jobs, operations and options stay.
"""

from __future__ import annotations

import numpy as np

from benchmarks.scheduling.instance import NONE, Answer, Ints, Objective, ShopInstance, pointers
from orderopt.solvers.compiled.open_time import ALWAYS, OpenTime
from orderopt.solvers.compiled.shop import ShopArrays, ShopProblem, ShopSchedule


def build_problem(instance: ShopInstance) -> ShopProblem:
    """Return the instance as a scheduling question."""
    num_jobs, num_operations = instance.num_jobs, instance.num_operations
    num_options, num_machines = len(instance.option_machine), instance.num_machines
    counts = np.diff(instance.option_ptr)
    is_makespan = instance.objective is Objective.MAKESPAN
    open_times = (ALWAYS, *(OpenTime(spans) for spans in instance.calendars))
    sizes = [0 if matrix is None else len(matrix) for matrix in instance.setups]
    minutes = [matrix.ravel() for matrix in instance.setups if matrix is not None]
    no_tasks = np.zeros(num_operations, dtype=np.int64)
    arrays = ShopArrays(
        alt_ptr=instance.option_ptr,
        alt_resource=instance.option_machine,
        alt_work=instance.option_minutes,
        alt_family=np.repeat(instance.operation_family, counts),
        alt_breakable=np.ones(num_options, dtype=np.int64),
        alt_lag=np.zeros(num_options, dtype=np.int64),
        alt_cost=instance.option_cost,
        task_job=instance.operation_job,
        task_release=instance.job_release[instance.operation_job],
        task_is_fixed=no_tasks,
        fixed_start=no_tasks,
        fixed_end=no_tasks,
        fixed_setup=no_tasks,
        link_ptr=np.zeros(num_operations + 1, dtype=np.int64),
        link_job=_nothing(),
        job_ptr=instance.job_ptr,
        job_line=np.zeros(num_jobs, dtype=np.int64) if is_makespan else np.arange(num_jobs, dtype=np.int64),
        job_lead=np.zeros(num_jobs, dtype=np.int64),
        job_timetable=np.full(num_jobs, NONE, dtype=np.int64),
        feed_ptr=np.zeros(num_jobs + 1, dtype=np.int64),
        feed_task=_nothing(),
        timetable_ptr=np.zeros(1, dtype=np.int64),
        timetable_at=_nothing(),
        line_due=np.zeros(1, dtype=np.int64) if is_makespan else instance.job_due,
        line_floor=np.zeros(1 if is_makespan else num_jobs, dtype=np.int64),
        line_weight=np.ones(1) if is_makespan else instance.job_weight,
        resource_calendar=instance.machine_calendar + 1,
        resource_minute_cost=np.zeros(num_machines),
        resource_initial=instance.initial_family,
        resource_unit=np.zeros(num_machines, dtype=np.int64),
        slot_ptr=pointers(instance.capacity),
        slot_fixed_ptr=np.zeros(int(instance.capacity.sum()) + 1, dtype=np.int64),
        slot_fixed_task=_nothing(),
        setup_ptr=pointers([size * size for size in sizes])[:-1],
        setup_size=np.array(sizes, dtype=np.int64),
        setup_minutes=np.concatenate(minutes).astype(np.int64) if minutes else _nothing(),
        setup_cost=np.zeros(sum(size * size for size in sizes)),
        calendar_ptr=pointers([each.num_spans for each in open_times]),
        opens=np.concatenate([each.opens for each in open_times]),
        closes=np.concatenate([each.closes for each in open_times]),
        before=np.concatenate([each.before for each in open_times]),
        start=np.zeros(1, dtype=np.int64),
    )
    return ShopProblem(ShopArrays(*(np.ascontiguousarray(array) for array in arrays)), open_times)


def read_schedule(schedule: ShopSchedule) -> Answer:
    """Return orderopt's schedule as an answer."""
    return Answer(schedule.alternative, schedule.start, schedule.end, schedule.setup)


def write_schedule(answer: Answer) -> ShopSchedule:
    """Return an answer as orderopt's schedule."""
    return ShopSchedule(answer.option, answer.start, answer.end, answer.setup)


def _nothing() -> Ints:
    return np.empty(0, dtype=np.int64)
