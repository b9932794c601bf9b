"""Scenario "Cancel with committed supply": an unshipped order, pegged to a purchase of 50 that cannot be cancelled."""

from __future__ import annotations

import pytest
from tests.stages.change.world import World, ask

from orderopt.models.life.disposition import Fate
from orderopt.models.life.states import OrderState, SupplyState
from orderopt.stages.change.cancel import CancelOrder


@pytest.fixture
def world():
    world = World()
    world.order("O-1", ask(quantity=50), state=OrderState.IN_EXECUTION)
    world.supply("PO-50", 50, kind="buy", state="released", is_cancellable=False, pegs=[("O-1", "1", 50)])
    return world


def cancel(world):
    return world.do(CancelOrder(order_id="O-1", reason="the customer has closed")).changes[0].dispositions


def test_the_purchase_is_pegged_to_the_next_demand(world):
    world.order("O-3", ask(quantity=60, days=30))
    world.order("O-2", ask(quantity=20, days=12))
    first, second = cancel(world)
    assert [(one.fate, one.to_order, one.quantity) for one in (first, second)] == [
        (Fate.RE_PEG, "O-2", 20),
        (Fate.RE_PEG, "O-3", 30),
    ]
    supply = world.made("PO-50")
    assert (supply.state, supply.quantity, supply.pegged) == (SupplyState.RELEASED, 50, 50)
    assert [world.case(name).line("1").counts.allocated for name in ("O-1", "O-2", "O-3")] == [0, 20, 30]


def test_without_a_demand_it_becomes_free_stock_with_a_message(world):
    (only,) = cancel(world)
    assert (only.fate, only.quantity, only.code) == (Fate.FREE, 50, "EXCESS")
    assert only.says == "it cannot be cancelled and nobody waits for it: free stock when it comes"
    supply = world.made("PO-50")
    assert (supply.state, supply.pegs) == (SupplyState.RELEASED, ())
    assert supply.dispositions == (only,), "no supply is left without peg or disposition"
