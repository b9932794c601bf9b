"""The two floor baselines: the best of 15 plain ATC(S) dispatches, and plain annealing from there."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np

from benchmarks.peers import Found, kernels_plain
from benchmarks.peers.kernels_plain import NEVER, PlainShop
from benchmarks.scheduling.check import count_objective
from benchmarks.scheduling.instance import Answer, Ints, Objective, ShopInstance, pointers, take_jobs

LOOK_AHEADS = (0.3, 1.0, 2.0, 4.0, 8.0)
SETUP_SCALES = (0.2, 1.0, 4.0)
CHUNKS = 40
HOT = 0.004
"""First temperature as a share of the cost, for one operation; it falls with the root of their number."""

WARM_JOBS = 10


def run_dispatch(instance: ShopInstance, *, seconds: float, seed: int, workers: int) -> Found:
    """Return the best of 15 dispatches, or of those that fit into the time. Neither seed nor workers matter."""
    del seed, workers
    warm_seconds = _warm(instance)
    began = time.monotonic()
    answer, cost, first = sweep(instance, build_shop(instance), began + seconds)
    took = time.monotonic() - began
    return Found("FEASIBLE", answer, cost, None, took, first - began, warm_seconds)


def run_annealing(instance: ShopInstance, *, seconds: float, seed: int, workers: int) -> Found:
    """Return the best of plain annealing runs from the best dispatch, one for each worker."""
    warm_seconds = _warm(instance)
    began = time.monotonic()
    ends = began + seconds
    shop = build_shop(instance)
    answer, cost, first = sweep(instance, shop, ends)
    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(lambda worker: _anneal(shop, answer, cost, ends, seed * 1000 + worker), range(workers)))
    for order, chosen, value in found:
        if value < cost:
            answer, cost = Answer(chosen, *kernels_plain.place_all(shop, order, chosen)), value
    took = time.monotonic() - began
    return Found("FEASIBLE", answer, cost, None, took, first - began, warm_seconds)


def sweep(instance: ShopInstance, shop: PlainShop, ends: float) -> tuple[Answer, float, float]:
    """Return the best dispatch over the settings of the rule, its cost, and when the first one was ready."""
    due = _operation_dues(instance)
    mean_work = float(max(1.0, instance.option_minutes.mean()))
    minutes = shop.setup_minutes[shop.setup_minutes > 0]
    mean_setup = float(minutes.mean()) if len(minutes) else mean_work
    best, cost, first = None, np.inf, 0.0
    for look_ahead, scale in product(LOOK_AHEADS, SETUP_SCALES if len(minutes) else SETUP_SCALES[:1]):
        answer = Answer(*kernels_plain.dispatch(shop, due, mean_work, mean_setup, look_ahead, scale))
        first = first or time.monotonic()
        value = count_objective(instance, answer)
        if best is None or value < cost:
            best, cost = answer, value
        if time.monotonic() > ends:
            break
    assert best is not None
    return best, cost, first


def build_shop(instance: ShopInstance) -> PlainShop:
    """Return the instance as the arrays of the kernels."""
    always = np.array([[-NEVER // 4, NEVER // 4]], dtype=np.int64)
    calendars = [always, *instance.calendars]
    lengths = [each[:, 1] - each[:, 0] for each in calendars]
    matrices = [np.empty((0, 0), dtype=np.int64) if each is None else each for each in instance.setups]
    is_makespan = instance.objective is Objective.MAKESPAN
    shop = PlainShop(
        option_ptr=instance.option_ptr,
        option_machine=instance.option_machine,
        option_minutes=instance.option_minutes,
        option_cost=instance.option_cost,
        family=instance.operation_family,
        job=instance.operation_job,
        job_ptr=instance.job_ptr,
        release=instance.job_release,
        due=instance.job_due,
        weight=instance.job_weight,
        is_makespan=np.array([is_makespan], dtype=np.int64),
        slot_ptr=pointers(instance.capacity),
        setup_ptr=pointers([each.size for each in matrices]),
        setup_size=np.array([len(each) for each in matrices], dtype=np.int64),
        setup_minutes=np.concatenate([each.ravel() for each in matrices]),
        initial=instance.initial_family,
        calendar_ptr=pointers([len(each) for each in calendars]),
        calendar=instance.machine_calendar + 1,
        opens=np.concatenate([each[:, 0] for each in calendars]),
        closes=np.concatenate([each[:, 1] for each in calendars]),
        before=np.concatenate([np.cumsum(each) - each for each in lengths]),
    )
    return PlainShop(*(np.ascontiguousarray(each) for each in shop))


def _operation_dues(instance: ShopInstance) -> Ints:
    """Return the latest end of each operation; for a makespan, all jobs are due when the mean load is done."""
    shortest = np.minimum.reduceat(instance.option_minutes, instance.option_ptr[:-1])
    ends = np.cumsum(shortest)
    last = instance.job_ptr[1:] - 1
    behind = ends[last][instance.operation_job] - ends
    due = instance.job_due
    if instance.objective is Objective.MAKESPAN:
        due = np.full(instance.num_jobs, int(shortest.sum() / instance.capacity.sum()))
    return (due[instance.operation_job] - behind).astype(np.int64)


def _anneal(shop: PlainShop, start: Answer, cost: float, ends: float, seed: int) -> tuple[Ints, Ints, float]:
    """Anneal until a time; the first few moves tell how many there will be, so that cooling ends with the time."""
    order, chosen = np.lexsort((start.end, start.start)).astype(np.int64), start.option.copy()
    best_order, best_chosen, best = order.copy(), chosen.copy(), cost
    count = len(order)
    hot = max(1e-6, HOT * cost / np.sqrt(count))
    reach = max(20, count // 4)
    began, tried = time.monotonic(), 20 + 200_000 // count
    kernels_plain.anneal(shop, order.copy(), chosen.copy(), tried, hot, hot, 0, 1, reach, seed)
    left = ends - time.monotonic()
    chunk = max(1, int(tried * left / (time.monotonic() - began) / CHUNKS))
    number = 0
    while time.monotonic() < ends and best > 0:
        found = kernels_plain.anneal(
            shop, order, chosen, chunk, hot, hot / 1000, number * chunk, CHUNKS * chunk, reach, seed * 1000 + number
        )
        if found[2] < best:
            best_order, best_chosen, best = found
        number += 1
    return best_order, best_chosen, best


def _warm(instance: ShopInstance) -> float:
    """Compile the kernels on a few jobs; return the seconds it took."""
    began = time.monotonic()
    small = take_jobs(instance, WARM_JOBS)
    shop = build_shop(small)
    answer, cost, _ = sweep(small, shop, began)
    order, chosen, _ = _anneal(shop, answer, cost, time.monotonic() + 0.05, 0)
    kernels_plain.place_all(shop, order, chosen)
    return time.monotonic() - began
