"""Lawful steps are data: every pair of state and trigger is walked."""

from __future__ import annotations

import networkx as nx
import pytest

from orderopt.errors import UnlawfulStepError
from orderopt.models.life.states import CHANGE, MACHINES, ORDER, OrderState, ShipmentState

TRIGGERS = {machine.name: sorted({step.trigger for step in machine.steps}) for machine in MACHINES}


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_pair_of_state_and_trigger_steps_or_says_what_is_allowed(machine):
    table = {(step.before, step.trigger): step.after for step in machine.steps}
    assert len(table) == len(machine.steps), "two steps of one state share a trigger"
    for state in machine.states:
        for trigger in (*TRIGGERS[machine.name], "dance"):
            if (state, trigger) in table:
                assert machine.step(state, trigger, "X-1") is table[state, trigger]
                continue
            with pytest.raises(UnlawfulStepError) as caught:
                machine.step(state, trigger, "X-1")
            for said in (machine.name, "X-1", str(state), trigger, *machine.allowed(state)):
                assert said in str(caught.value)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_is_reached_and_leads_to_an_end(machine):
    graph = nx.DiGraph((step.before, step.after) for step in machine.steps)
    assert {machine.first} | nx.descendants(graph, machine.first) == set(machine.states)
    for state in machine.states:
        assert machine.ends & ({state} | nx.descendants(graph, state)), f"no way out of {state}"


def test_an_order_that_has_ended_stays_so():
    assert {str(state) for state in ORDER.ends} == {"closed", "rejected", "cancelled", "expired"}


def test_a_shipment_that_has_left_cannot_be_cancelled():
    (shipment,) = [machine for machine in MACHINES if machine.name == "shipment"]
    assert not shipment.allows(ShipmentState.SHIPPED, "cancel")


def test_a_change_is_no_state_of_the_order():
    assert not {str(state) for state in OrderState} & {"modifying", "changing", *map(str, CHANGE.states)} - {
        "draft",
        "submitted",
        "rejected",
    }
