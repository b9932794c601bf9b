"""Whether a kernel is compiled already, and having all compiled ahead of time.

Numba compiles a kernel once for each installation and keeps the result.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.open_time import ALWAYS
from orderopt.solvers.compiled.shop import NONE, Ints, ShopArrays, ShopProblem

COMPILING_SECONDS = 20.0
"""What compiling a kernel may take, at most."""


def is_compiled(kernel: Any) -> bool:
    """Whether a kernel runs at once: it ran in this process, or numba has kept its compiled form.

    Parameters
    ----------
    kernel
        A function made by ``numba.njit(cache=True)``.
    """
    if not hasattr(kernel, "py_func") or kernel.signatures:
        return True  # numba is switched off, or the kernel has run
    folder = getattr(getattr(kernel, "_cache", None), "cache_path", None)
    name = kernel.py_func.__qualname__
    return folder is not None and any(Path(folder).glob(f"*.{name}-*.nbc"))


def warm_up(*, special: bool = True) -> None:
    """Compile the kernels of scheduling by scheduling three tasks, so that nobody waits for that later.

    The first call in an installation takes about 40 seconds, any other far less than one. Servers and measurements
    call it when they start.

    Parameters
    ----------
    special
        Also those for shops of a special kind: makespans, and one machine. They are half of it.
    """
    from orderopt.solvers.scheduling import kernels
    from orderopt.solvers.scheduling.bounds import find_bound
    from orderopt.solvers.scheduling.kernels_bounds import is_overloaded
    from orderopt.solvers.scheduling.local_search import LocalSearch
    from orderopt.solvers.scheduling.shift import left_shift, tie_down

    problem = _three_tasks()
    budget = Budget(seconds=0.01, workers=1, deadline=time.monotonic() + 600.0)
    found = LocalSearch().schedule(problem, budget).require()
    row = problem.arrays._replace(setup_cost=np.zeros(9))
    rows = row._replace(job_line=_zeros(3), line_due=_zeros(1), line_floor=_zeros(1), line_weight=np.ones(1))
    ways = rows._replace(task_release=np.arange(3, dtype=np.int64) * 60)
    for arrays in (row, rows, ways) if special else ():
        LocalSearch().schedule(ShopProblem(arrays, problem.open_times), budget)
    shifted = left_shift(problem, found)
    tie_down(problem.arrays, shifted)
    kernels.heads(problem.arrays)
    find_bound(problem, found, seconds=0.01)
    is_overloaded(_zeros(1), _zeros(1), _zeros(1), 1, 1)


def _three_tasks() -> ShopProblem:
    """Return a question that no bound settles: three jobs, all due at once, wait for one resource."""
    one_each = np.arange(4, dtype=np.int64)
    arrays = ShopArrays(
        alt_ptr=one_each,
        alt_resource=_zeros(3),
        alt_work=_zeros(3) + 10,
        alt_family=one_each[:3].copy(),
        alt_breakable=_zeros(3) + 1,
        alt_lag=_zeros(3),
        alt_cost=np.zeros(3),
        task_job=one_each[:3].copy(),
        task_release=_zeros(3),
        task_is_fixed=_zeros(3),
        fixed_start=_zeros(3),
        fixed_end=_zeros(3),
        fixed_setup=_zeros(3),
        link_ptr=_zeros(4),
        link_job=_zeros(0),
        job_ptr=one_each,
        job_line=one_each[:3].copy(),
        job_lead=_zeros(3),
        job_timetable=_zeros(3) + NONE,
        feed_ptr=_zeros(4),
        feed_task=_zeros(0),
        timetable_ptr=_zeros(1),
        timetable_at=_zeros(0),
        line_due=_zeros(3),
        line_floor=_zeros(3),
        line_weight=np.ones(3),
        resource_calendar=_zeros(1),
        resource_minute_cost=np.zeros(1),
        resource_initial=_zeros(1) + NONE,
        resource_unit=_zeros(1),
        slot_ptr=one_each[:2].copy(),
        slot_fixed_ptr=_zeros(2),
        slot_fixed_task=_zeros(0),
        setup_ptr=_zeros(1),
        setup_size=_zeros(1) + 3,
        setup_minutes=_zeros(9) + 5,
        setup_cost=np.ones(9),
        calendar_ptr=one_each[:2].copy(),
        opens=ALWAYS.opens,
        closes=ALWAYS.closes,
        before=ALWAYS.before,
        start=_zeros(1),
    )
    return ShopProblem(arrays, (ALWAYS,))


def _zeros(size: int) -> Ints:
    return np.zeros(size, dtype=np.int64)
