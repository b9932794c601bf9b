from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

import pytest

from orderopt.errors import UnknownStrategyError
from orderopt.solvers import registry
from orderopt.solvers.allocation.greedy import Greedy
from orderopt.solvers.registry import Registry, allocation, scheduling
from orderopt.solvers.scheduling.dispatch import Dispatch

BUILT_IN = {"dispatch": "orderopt.solvers.scheduling.dispatch:Dispatch"}


def offer(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> None:
    """Pretend that installed packages offer entry points."""
    monkeypatch.setattr(registry, "entry_points", lambda **select: EntryPoints(points).select(**select))


def test_every_built_in_strategy_is_found_and_has_the_method_of_its_protocol() -> None:
    assert {"dispatch", "cpsat", "lns", "auto"} <= set(scheduling.names())
    assert {"greedy", "cpsat", "highs", "auto"} <= set(allocation.names())
    assert all(callable(scheduling.find(name).schedule) for name in scheduling.names())
    assert all(callable(allocation.find(name).allocate) for name in allocation.names())


def test_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(UnknownStrategyError, match=r"'dispach'.*auto, cpsat, dispatch, lns"):
        scheduling.find("dispach")


def test_a_registered_strategy_is_made_anew_each_time_and_may_stand_in_for_a_built_in_one() -> None:
    known: Registry[Any] = Registry("scheduling", BUILT_IN)
    known.register("mine", Dispatch)
    assert known.names() == ("dispatch", "mine")
    assert known.find("mine") is not known.find("mine")
    known.register("dispatch", Greedy)
    assert isinstance(known.find("dispatch"), Greedy)


def test_registries_do_not_share_what_is_registered() -> None:
    first: Registry[Any] = Registry("scheduling", BUILT_IN)
    first.register("mine", Dispatch)
    assert "mine" not in Registry("scheduling", BUILT_IN).names()
    assert "mine" not in allocation.names()


def test_a_package_offers_a_strategy_by_an_entry_point_of_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = "orderopt.solvers.allocation.greedy:Greedy"
    offer(monkeypatch, EntryPoint("theirs", theirs, "orderopt.allocation"))
    assert "theirs" in allocation.names()
    assert isinstance(allocation.find("theirs"), Greedy)
    assert "theirs" not in scheduling.names()
    with pytest.raises(UnknownStrategyError, match="theirs"):
        scheduling.find("theirs")


def test_an_entry_point_cannot_push_aside_a_built_in_strategy(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, EntryPoint("dispatch", "orderopt.solvers.allocation.greedy:Greedy", "orderopt.scheduling"))
    assert isinstance(scheduling.find("dispatch").search, Dispatch)
    assert scheduling.names().count("dispatch") == 1
