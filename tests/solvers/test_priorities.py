from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import assume, given
from tests.solvers.shops import FEATURES, Job, Line, Machine, Step, Way, build_shop, draw_shop, one, shops, spans
from tests.solvers.slow import Slow

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.kernels_dispatch import MOST_TRIED
from orderopt.solvers.scheduling.priorities import SWEEP, Priorities, Setting, task_dues

GO = np.zeros(1, dtype=np.int64)


def scan(  # noqa: C901 - a whole run, on purpose in one piece
    problem: ShopProblem, setting: Setting, noise: np.ndarray
) -> tuple[list[int], list[int], list[int]]:
    """Return alternatives, starts and ends where each decision looks at all that waits (without fixed tasks)."""
    arrays, rule = problem.arrays, Priorities(problem)
    urge = rule.urge - setting.aversion * rule.aversion + noise[rule.job]
    slack_scale, wait_scale = setting.look_ahead * rule.mean_work, setting.patience * rule.mean_setup
    num_tasks = problem.num_tasks
    chosen, start, end = [-1] * num_tasks, [FOREVER] * num_tasks, [FOREVER] * num_tasks
    slots = [resource for resource in range(problem.num_resources) for _ in range(problem.capacity(resource))]
    family = [int(arrays.resource_initial[resource]) for resource in slots]
    awake: set[int] = set()
    waiting: list[list[tuple[int, int]]] = [[] for _ in range(problem.num_resources)]
    waits_for = {
        task: set(Slow(problem).feeders(task)) | ({-1} if task > arrays.job_ptr[arrays.task_job[task]] else set())
        for task in range(num_tasks)
    }
    events: list[tuple[int, int]] = []

    def wake(task: int) -> None:
        ready = max(int(arrays.task_release[task]), int(arrays.start[0]))
        ready = max([ready, *(end[arrays.job_ptr[job + 1] - 1] for job in Slow(problem).feeders(task))])
        if task > arrays.job_ptr[arrays.task_job[task]]:
            ready = max(ready, end[task - 1] + int(arrays.alt_lag[chosen[task - 1]]))
        heapq.heappush(events, (ready, task))

    for task in range(num_tasks):
        if not waits_for[task]:
            wake(task)
    while events:
        now, event = heapq.heappop(events)
        if event < num_tasks:
            for way in range(arrays.alt_ptr[event], arrays.alt_ptr[event + 1]):
                resource = int(arrays.alt_resource[way])
                waiting[resource].append((event, way))
                for slot in [slot for slot, own in enumerate(slots) if own == resource and slot not in awake]:
                    awake.add(slot)
                    heapq.heappush(events, (now, num_tasks + slot))
            continue
        slot = event - num_tasks
        resource = slots[slot]
        hours = problem.open_time(resource)
        minute = hours.next_open(now)
        found = []
        for task, way in waiting[resource] if minute < FOREVER else []:
            if chosen[task] >= 0:
                continue
            after = int(arrays.alt_family[way])
            minutes = problem.setup(resource, family[slot], after)
            begin, finish = hours.fit(minute, minutes + int(arrays.alt_work[way]), bool(arrays.alt_breakable[way]))
            index = urge[way] - max(rule.latest[way] - minute, 0.0) / slack_scale
            index -= (minutes + begin - minute) / wait_scale
            index -= np.log1p(problem.changeover_cost(resource, family[slot], after))
            if finish < FOREVER:
                found.append((index, task, way, begin, finish))
        if not found:
            awake.discard(slot)
            continue
        _, task, chosen_way, start[task], end[task] = max(found)
        chosen[task], family[slot] = chosen_way, int(arrays.alt_family[chosen_way])
        job = int(arrays.task_job[task])
        is_last = task + 1 == arrays.job_ptr[job + 1]
        freed = arrays.feed_task[arrays.feed_ptr[job] : arrays.feed_ptr[job + 1]].tolist() if is_last else [task + 1]
        for other in freed:
            waits_for[other].discard(job if is_last else -1)
            if not waits_for[other]:
                wake(other)
        heapq.heappush(events, (end[task], event))
    return chosen, start, end


def can_be_done(problem: ShopProblem) -> bool:
    """Return whether each task would find a place if it were alone."""
    return bool(kernels.heads(problem.arrays)[1].max() < FOREVER)


def run(problem: ShopProblem, setting: Setting = SWEEP[0], noise: np.ndarray | None = None) -> ShopSchedule:
    return Priorities(problem).run(setting, GO, noise)


@pytest.mark.parametrize("setting", [SWEEP[0], Setting(0.3, 4.0, 1.0)])
@given(problem=shops(*(set(FEATURES) - {"fixed"}), most=12, num_machines=3, most_steps=3))
def test_looking_at_the_first_of_each_queue_finds_what_looking_at_all_finds(
    setting: Setting, problem: ShopProblem
) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, problem.num_jobs)  # no two tasks are equally urgent
    made = run(problem, setting, noise)
    assert (made.alternative.tolist(), made.start.tolist(), made.end.tolist()) == scan(problem, setting, noise)


@pytest.mark.parametrize("features", [(), ("setups",), ("calendars", "alternatives"), ("setups", "capacity", "links")])
def test_long_queues_too(features: tuple[str, ...]) -> None:
    problem = draw_shop(4, 5 * MOST_TRIED, *features, num_machines=2)
    noise = np.random.default_rng(0).normal(0, 0.1, problem.num_jobs)
    for setting in SWEEP[:4]:
        made = run(problem, setting, noise)
        assert (made.alternative.tolist(), made.start.tolist(), made.end.tolist()) == scan(problem, setting, noise)


@given(problem=shops(most=12, num_machines=3, most_steps=3))
def test_every_rule_gives_a_schedule_without_faults(problem: ShopProblem) -> None:
    assume(can_be_done(problem))
    rule = Priorities(problem)
    for setting in rule.sweep():
        made = rule.run(setting, GO)
        assert made.is_complete
        assert Slow(problem).faults(made) == []


@given(problem=shops(most=12, num_machines=3))
def test_what_a_run_left_over_is_filled_up(problem: ShopProblem) -> None:
    assume(can_be_done(problem))
    rule = Priorities(problem)
    halted = rule.run(SWEEP[0], np.ones(1, dtype=np.int64))
    assert (halted.end[problem.arrays.task_is_fixed == 0] == FOREVER).all()
    filled = rule.fill_up(halted)
    assert filled.is_complete
    assert Slow(problem).faults(filled) == []


def test_a_task_that_never_fits_keeps_only_what_waits_for_it_waiting() -> None:
    jobs = [Job((one(0, 40, breakable=False), one(1, 5))), Job((one(1, 5, after=(0,)),)), Job((one(0, 30),))]
    problem = build_shop(jobs, [Machine(calendar=1), Machine()], open_times=[spans((0, 30), (50, 80))])
    assert run(problem).end.tolist() == [FOREVER, FOREVER, FOREVER, 30]


def test_a_family_that_bars_the_way_of_others_waits_for_them() -> None:
    # black may be followed by nothing but black, white comes 30 minutes later
    setups = {(1, other): (FOREVER, 0.0) for other in (2, 3)}
    jobs = [Job((one(0, 10, family=1),), line=number) for number in range(3)]
    jobs += [Job((one(0, 10, family=2, release=30),), line=3), Job((one(0, 10, family=3),), line=4)]
    problem = build_shop(jobs, [Machine(setups=setups)], [Line(10, 5.0)] * 5)
    made = run(problem)
    assert made.end.tolist() == [50, 60, 70, 40, 10]
    assert Slow(problem).faults(made) == []


def test_a_family_that_bars_the_way_goes_ahead_where_the_others_wait_for_it() -> None:
    setups = {(1, 2): (FOREVER, 0.0)}
    steps = (one(0, 10, family=1), one(1, 10), one(0, 10, family=2))
    problem = build_shop([Job(steps), Job((one(0, 10, family=3, after=(0,)),))], [Machine(setups=setups), Machine()])
    assert run(problem).end.tolist() == [10, 20, FOREVER, FOREVER]
    problem = build_shop([Job((one(0, 10, family=3, release=500),)), Job(steps)], [Machine(setups=setups), Machine()])
    assert run(problem).is_complete


def test_what_may_follow_nothing_is_never_placed() -> None:
    setups = {(1, 2): (FOREVER, 0.0), (2, 1): (FOREVER, 0.0)}
    jobs = [Job((one(0, 10, family=family),)) for family in (1, 2, 1)]
    made = run(build_shop(jobs, [Machine(setups=setups)]))
    assert sorted(made.end.tolist()) == [10, 20, FOREVER]


def test_jobs_of_one_late_line_are_held_against_each_other() -> None:
    long = Job((one(0, 10), one(1, 50)), line=0)
    short = [Job((one(0, 5),), line=0) for _ in range(4)]
    problem = build_shop([*short, long], [Machine(), Machine()], [Line(0)])
    rule = Priorities(problem)
    plain = rule.run(SWEEP[0], GO)
    assert plain.start[4] == 20
    assert rule.join_lines(plain)
    assert rule.run(Setting(4.0, 1.0, 0.0, is_joint=True), GO).start[4] == 0
    alone = Priorities(build_shop([long], [Machine(), Machine()], [Line(0)]))
    assert not alone.join_lines(alone.run(SWEEP[0], GO))


def test_a_machine_leaves_a_task_that_another_does_faster_to_it() -> None:
    problem = build_shop(
        [Job((Step((Way(0, 10), Way(1, 60))),), line=0), Job((Step((Way(1, 60),)),), line=1)],
        [Machine(), Machine()],
        [Line(0, 1.0), Line(0, 0.9)],
    )
    assert problem.arrays.alt_resource[run(problem).alternative].tolist() == [0, 1]


def test_dues_go_back_over_steps_lags_leads_departures_and_components() -> None:
    jobs = [
        Job((one(0, 10),)),
        Job((one(0, 20, lag=5, after=(0,)), one(0, 30)), line=0, lead=100, timetable=0),
        Job((one(0, 1),)),
    ]
    problem = build_shop(jobs, [Machine()], [Line(1000)], timetables=[[400, 800, 950]])
    # due 1000 less lead 100 is 900: the departure at 800; less 30, less the lag of 5, less 20
    assert task_dues(problem)[:3].tolist() == [745, 765, 800]
    assert task_dues(problem)[3] > 1 << 30
