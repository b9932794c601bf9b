"""Many people cancel and change at once: nothing is given away twice and nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from tests.stages.change.world import ANN, World, ask, bring

from orderopt.errors import ConflictError
from orderopt.models.life.amendment import QuantityAmended
from orderopt.models.life.disposition import Fate
from orderopt.models.life.states import OrderState
from orderopt.stages.change.assess import AssessChange
from orderopt.stages.change.assessor import PlanEffect
from orderopt.stages.change.cancel import CancelOrder
from orderopt.stages.change.request import DraftChange, SubmitChange

NUM = 8


def test_cancelled_orders_share_out_their_supply_over_the_same_demands():
    world = World()
    for count in range(NUM):
        world.order(f"O-{count}")
        world.supply(
            f"P-{count}", 10, kind="buy", state="released", is_cancellable=False, pegs=[(f"O-{count}", "1", 10)]
        )
    world.order("W-1", ask(quantity=35))
    world.order("W-2", ask(quantity=5, days=12))
    commands = [CancelOrder(order_id=f"O-{count}", reason="off") for count in range(NUM)]
    with ThreadPoolExecutor(NUM) as people:
        cases = list(people.map(lambda command: do_until_done(world, command), commands))
    assert {case.state for case in cases} == {OrderState.CANCELLED}
    found = [one for case in cases for one in case.changes[0].dispositions]
    pegged = {name: sum(one.quantity for one in found if one.to_order == name) for name in ("W-1", "W-2", None)}
    assert pegged == {"W-1": 35, "W-2": 5, None: 40}
    assert {one.fate for one in found if one.to_order is None} == {Fate.FREE}
    assert [world.case(name).line("1").counts.allocated for name in ("W-1", "W-2")] == [35, 5]


def test_requests_at_once_get_different_names():
    world = World()
    world.order("O-1")
    command = DraftChange(order_id="O-1", amendments=(QuantityAmended(line_no="1", after=Decimal(3)),), reason="less")
    with ThreadPoolExecutor(NUM) as people:
        changes = list(people.map(lambda _: do_until_done(world, command), range(NUM)))
    assert {change.change_id for change in changes} == {f"O-1-C{count}" for count in range(1, NUM + 1)}


def do_until_done(world, command):
    """Give a command again and again while others are in the way."""
    while True:
        try:
            return world.desk.do(command, by=ANN)
        except ConflictError:
            continue


def test_reports_that_come_while_it_is_planned_do_not_stop_an_assessment():
    world = World()
    world.order("O-1", state=OrderState.IN_EXECUTION)
    world.order("O-2")
    change_id = bring(world, QuantityAmended(line_no="1", after=12), until=SubmitChange)

    class Busy:
        calls = 0

        def compare(self, before, after, order_id):
            """While it plans, another order is counted."""
            self.calls += 1
            world.count("O-2", "1", produced=Decimal(1))
            return PlanEffect(cost=Decimal(1))

    world.desk.assessor = Busy()
    change = world.do(AssessChange(order_id="O-1", change_id=change_id))
    assert (world.desk.assessor.calls, change.impact.cost) == (1, 1)
