from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.solvers.shops import Job, Line, Machine, Step, Way, build_shop, one
from tests.solvers.slow import Slow
from tests.solvers.test_tabu import ALLOWED, draw_makespan

from orderopt.solvers.scheduling.limits import find_heads
from orderopt.solvers.scheduling.way_bounds import find_tails, least_longest_way


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), features=st.sets(st.sampled_from(ALLOWED)))
def test_no_schedule_beats_the_bound(seed: int, features: set[str]) -> None:
    problem = draw_makespan(seed, 3, *sorted(features))
    if problem.num_tasks <= 5:
        best = Slow(problem).best() / problem.arrays.line_weight[0]
        assert least_longest_way(problem, find_heads(problem)) <= best + 1e-9


def test_one_machine_is_bounded_by_its_tasks_with_heads_and_tails() -> None:
    # head, work and tail; the second to fourth task need 11 + 6 + 7 + 4 + 21
    rows = [(10, 5, 7), (13, 6, 26), (11, 7, 24), (20, 4, 21), (30, 3, 8), (0, 6, 17), (30, 2, 0)]
    jobs = [Job((one(0, work, release=head),), line=0, lead=tail) for head, work, tail in rows]
    problem = build_shop(jobs, [Machine()], [Line(0)])
    assert least_longest_way(problem, find_heads(problem)) == 49


def test_machines_that_share_tasks_are_bounded_by_their_work() -> None:
    step = Step((Way(0, 10), Way(1, 10)))
    jobs = [Job((step, one(2, 3)), line=0) for _ in range(5)]
    problem = build_shop(jobs, [Machine()] * 3, [Line(0)])
    assert least_longest_way(problem, find_heads(problem)) == 28


def test_tails_follow_jobs_that_wait_and_leave_out_what_nothing_waits_for() -> None:
    jobs = [
        Job((one(0, 5),)),
        Job((one(0, 7),)),
        Job((one(0, 2, lag=4), Step((Way(0, 3),), after=(0,))), line=0, lead=6),
    ]
    problem = build_shop(jobs, [Machine()], [Line(0)])
    assert find_tails(problem, problem.arrays.alt_work).tolist() == [9, -1, 13, 6]
    assert np.all(find_tails(problem, problem.arrays.alt_work)[[0, 2, 3]] >= 0)
