from __future__ import annotations

import numpy as np
import pytest
from tests.solvers.shops import FEATURES, draw_shop
from tests.solvers.slow import Slow
from tests.solvers.test_scheduling import KINDS, seed_of

from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.scheduling.graph import as_schedule, build_graph, copy_graph, gather_facts, join_graphs
from orderopt.solvers.scheduling.kernels_anneal import anneal
from orderopt.solvers.scheduling.kernels_graph import END, PREV, RANK, SETUP, START, settle


@pytest.mark.parametrize("features", KINDS, ids=lambda names: "+".join(names) or "plain")
def test_the_graph_of_a_schedule_costs_no_more_and_has_no_faults(features: tuple[str, ...]) -> None:
    for seed in range(4):
        problem = draw_shop(seed, 40, *features, num_machines=3)
        best, cost = seed_of(problem)
        graph = build_graph(problem, gather_facts(problem), best)
        schedule = as_schedule(graph.state)
        assert Slow(problem).faults(schedule) == []
        assert (schedule.end <= best.end).all()
        assert graph.scalars[0] == pytest.approx(evaluate(problem, schedule).total)
        assert graph.scalars[0] <= cost + 1e-6


@pytest.mark.parametrize("temperature", [0.01, 1e6], ids=["cold", "hot"])
@pytest.mark.parametrize("features", KINDS, ids=lambda names: "+".join(names) or "plain")
def test_times_and_cost_carried_along_are_those_of_timing_all_anew(
    features: tuple[str, ...], temperature: float
) -> None:
    for seed in range(4):
        problem = draw_shop(seed, 70, *features, num_machines=3)
        best, cost = seed_of(problem)
        facts = gather_facts(problem)
        graph = build_graph(problem, facts, best)
        movable = np.flatnonzero(problem.arrays.task_is_fixed == 0).astype(np.int64)
        region, share = np.zeros(problem.num_tasks, dtype=np.int64), np.zeros(len(problem.arrays.line_due))
        kept, first = graph.state.copy(), float(graph.scalars[0])
        found, accepted = anneal(
            facts, graph, movable, region, 0, share, kept, first, 600, temperature, 3 * temperature, seed
        )
        assert accepted > 0 or temperature < 1
        state, carried = graph.state, float(graph.scalars[0])
        follows = np.flatnonzero(state[:, PREV] >= 0)
        assert (state[follows, RANK] > state[state[follows, PREV], RANK]).all()
        before = state.copy()
        assert settle(facts, graph)
        for column in (START, END, SETUP):
            assert state[:, column].tolist() == before[:, column].tolist()
        assert carried == pytest.approx(float(graph.scalars[0]))
        schedule = as_schedule(kept)
        assert Slow(problem).faults(schedule) == []
        assert found == pytest.approx(evaluate(problem, schedule).total)
        assert found <= cost + 1e-6


def test_parts_that_were_changed_apart_make_one_schedule_together() -> None:
    for seed in range(6):
        problem = draw_shop(seed, 60, *FEATURES, num_machines=4)
        best, _ = seed_of(problem)
        facts = gather_facts(problem)
        graph = build_graph(problem, facts, best)
        region = (graph.state[:, RANK] >= problem.num_tasks // 2).astype(np.int64)
        parts = [copy_graph(graph) for _ in range(2)]
        for own, part in enumerate(parts):
            movable = np.flatnonzero((problem.arrays.task_is_fixed == 0) & (region == own)).astype(np.int64)
            share = np.zeros(len(problem.arrays.line_due))
            kept, cost = part.state.copy(), float(part.scalars[0])
            anneal(facts, part, movable, region, own, share, kept, cost, 300, 30.0, 90.0, seed)
        joined = join_graphs(problem, facts, parts, region)
        schedule = as_schedule(joined.state)
        if np.isinf(joined.scalars[0]):
            continue  # a fixed task was in the way
        assert Slow(problem).faults(schedule) == []
        assert joined.scalars[0] == pytest.approx(evaluate(problem, schedule).total)
