"""Cancelling a whole order: what was for it finds another use, and nothing of it is left behind."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.stages.change.world import ANN, BEN, CARL, World, ask

from orderopt.errors import ConflictError, GuardError, NotAllowedError, UnlawfulStepError
from orderopt.models.life.bills import OrderBills
from orderopt.models.life.desk_policy import ChangePolicy, FeeStep
from orderopt.models.life.disposition import Choice, Fate
from orderopt.models.life.happened.review import AllocationCounted
from orderopt.models.life.happened.supply import SupplyCounted, SupplyStepped
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.states import ORDER, ChangeState, OrderState, SupplyState
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.stages.change.cancel import CancelOrder
from orderopt.stages.settle.due import find_charges


def fates(case):
    return [(one.key, one.fate, one.quantity) for one in case.changes[-1].dispositions]


def cancel(world, order_id="O-1", *choices, by=ANN):
    return world.do(CancelOrder(order_id=order_id, reason="no longer wanted", choices=choices), by=by)


@pytest.mark.parametrize("state", list(OrderState))
def test_an_order_can_be_cancelled_in_the_states_of_the_table_only(state):
    world = World()
    world.order("O-1", state=state)
    if ORDER.allows(state, "cancel"):
        assert cancel(world).state is OrderState.CANCELLED
    else:
        with pytest.raises(UnlawfulStepError):
            cancel(world)
        assert world.case("O-1").state is state


def test_a_proposal_is_withdrawn_and_its_components_are_free():
    world = World()
    world.order("O-1")
    world.supply("M-1", 10, state="proposed", pegs=[("O-1", "1", 10)])
    world.supply("P-1", 12, item_id="part", kind="buy", state="proposed", pegs=[("M-1", 12)])
    world.stock("part", 20, **{"M-1_component": 8})
    case = cancel(world)
    assert fates(case) == [("M-1", Fate.CANCEL, 10), ("part@", Fate.FREE, 8), ("P-1", Fate.CANCEL, 12)]
    assert world.made("M-1").state is SupplyState.CANCELLED
    assert world.made("P-1").state is SupplyState.CANCELLED
    assert world.made("P-1").pegs == ()
    assert world.ledger("part").free == 20
    assert case.line("1").counts.allocated == 0


def test_a_purchase_that_cannot_be_cancelled_goes_to_the_next_demand_by_date():
    world = World()
    world.order("O-1")
    world.order("O-2", ask(quantity=4, days=20))
    world.order("O-3", ask(quantity=3, days=12))
    world.order("O-4", ask(quantity=5, days=1), state=OrderState.DRAFT)
    world.supply("P-1", 10, kind="buy", state="released", is_cancellable=False, pegs=[("O-1", "1", 10)])
    case = cancel(world)
    assert fates(case) == [("P-1", Fate.RE_PEG, 3), ("P-1", Fate.RE_PEG, 4), ("P-1", Fate.FREE, 3)]
    assert [one.to_order for one in case.changes[-1].dispositions] == ["O-3", "O-2", None]
    assert case.changes[-1].dispositions[-1].code == "EXCESS"
    assert [(peg.order_id, peg.quantity) for peg in world.made("P-1").pegs] == [("O-3", 3), ("O-2", 4)]
    assert world.case("O-3").line("1").counts.allocated == 3
    assert world.made("P-1").dispositions == case.changes[-1].dispositions


def test_something_firm_takes_the_place_of_a_proposal():
    world = World()
    world.order("O-1")
    world.order("O-2")
    world.supply("P-1", 10, kind="buy", state="released", pegs=[("O-1", "1", 10)])
    world.supply("M-2", 10, state="proposed", pegs=[("O-2", "1", 10)])
    assert fates(cancel(world)) == [("P-1", Fate.RE_PEG, 10), ("M-2", Fate.CANCEL, 10)]
    assert world.made("M-2").state is SupplyState.CANCELLED
    assert world.case("O-2").line("1").counts.allocated == 10


def test_a_job_under_way_is_finished_and_a_firm_one_cancelled():
    world = World()
    world.order("O-1", ask(quantity=16))
    world.supply("M-1", 10, state="in_progress", pegs=[("O-1", "1", 10)])
    world.supply("M-2", 20, pegs=[("O-1", "1", 6), ("O-9", "1", 14)])
    assert fates(cancel(world)) == [("M-2", Fate.CANCEL, 6), ("M-1", Fate.FINISH, 10)]
    assert (world.made("M-1").state, world.made("M-1").quantity) == (SupplyState.IN_PROGRESS, 10)
    assert (world.made("M-2").state, world.made("M-2").quantity) == (SupplyState.FIRM, 14)


def test_goods_that_are_made_and_not_packed_go_to_stock():
    """Elsewhere, a cancelled order left its units on hand and a resumed one shipped thin air (solidus#3719)."""
    world = World(tracking={"inspected_kinds": ()})
    world.order("O-1", state=OrderState.IN_EXECUTION)
    world.count("O-1", "1", produced=Decimal(7), qc_passed=Decimal(5), allocated=Decimal(7))
    case = cancel(world)
    assert fates(case) == [("A@", Fate.FREE, 7)]
    assert (world.ledger("A").on_hand, world.ledger("A").in_inspection) == (5, 2)
    assert (case.line("1").counts.produced, case.line("1").counts.allocated) == (0, 0)


def test_what_was_lost_in_making_is_not_given_to_anybody():
    world = World()
    world.order("O-1", state=OrderState.IN_EXECUTION)
    world.order("O-2")
    world.supply("M-1", 10, state="in_progress", pegs=[("O-1", "1", 10)])
    with world.book() as book:
        book.record(book.need(SupplyOrder, "M-1"), SupplyCounted(scrapped=3))
    case = cancel(world)
    assert fates(case) == [("M-1", Fate.SCRAP, 3), ("M-1", Fate.RE_PEG, 7)]
    assert case.changes[0].dispositions[0].code == "LOST"
    assert (world.made("M-1").quantity, world.made("M-1").pegged, world.made("M-1").to_come) == (10, 7, 7)


def test_a_person_may_choose_another_fate():
    world = World()
    world.order("O-1")
    world.order("O-2", ask(quantity=4))
    world.supply("M-1", 6, state="in_progress", pegs=[("O-1", "1", 6)])
    world.stock("A", 9, **{"O-1_1": 4})
    case = cancel(
        world,
        "O-1",
        Choice(key="M-1", fate=Fate.SCRAP, quantity=2),
        Choice(key="M-1", fate=Fate.RE_PEG, quantity=1, to_order="O-2", to_line="1"),
        Choice(key="A@", fate=Fate.FREE),
    )
    assert fates(case) == [
        ("A@", Fate.FREE, 4),
        ("M-1", Fate.SCRAP, 2),
        ("M-1", Fate.RE_PEG, 1),
        ("M-1", Fate.RE_PEG, 3),
    ]
    assert world.made("M-1").quantity == 4
    assert world.ledger("A").free == 9


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        (Choice(key="P-1", fate=Fate.CANCEL), "DISPOSITION_REFUSED"),
        (Choice(key="P-1", fate=Fate.SCRAP), "DISPOSITION_REFUSED"),
        (Choice(key="P-1", fate=Fate.RE_PEG, to_order="O-2", to_line="1"), "DISPOSITION_REFUSED"),
        (Choice(key="P-9", fate=Fate.FREE), "NOT_ORPHANED"),
    ],
)
def test_an_impossible_choice_changes_nothing(choice, code):
    world = World()
    world.order("O-1")
    world.order("O-2", ask(item_id="B"))
    world.supply("P-1", 10, kind="buy", state="released", is_cancellable=False, pegs=[("O-1", "1", 10)])
    with pytest.raises(GuardError) as refused:
        cancel(world, "O-1", choice)
    assert [finding.code for finding in refused.value.findings] == [code]
    assert world.case("O-1").state is OrderState.CONFIRMED
    assert world.made("P-1").pegged == 10


def test_nothing_is_cancelled_once_anything_is_packed_or_shipped():
    world = World()
    world.order("O-1", state=OrderState.IN_EXECUTION)
    one = {name: Decimal(1) for name in ("produced", "qc_passed", "packed")}
    world.count("O-1", "1", **one)
    with pytest.raises(GuardError, match="PACKED"):
        cancel(world)
    world.count("O-1", "1", shipped=Decimal(1))
    with pytest.raises(GuardError, match="cancel the rest by a change request"):
        cancel(world)


def test_a_cancelled_order_cannot_be_cancelled_or_changed_again():
    """Elsewhere, reconfirming after a cancellation doubled the deliveries (odoo#254781): terminal is terminal."""
    world = World()
    world.order("O-1")
    cancel(world)
    with pytest.raises(UnlawfulStepError, match="nothing leads out of it"):
        cancel(world)


def test_a_cancelled_job_does_not_come_back():
    """Elsewhere, a cancelled job came back when the purchase was cancelled (odoo#42285)."""
    world = World()
    world.order("O-1")
    world.supply("M-1", 10, pegs=[("O-1", "1", 10)])
    cancel(world)
    with pytest.raises(UnlawfulStepError), world.book() as book:
        book.record(book.need(SupplyOrder, "M-1"), SupplyStepped(trigger="firm"))


def test_the_fee_is_the_largest_that_fits_and_is_rounded_to_the_currency():
    fees = (FeeStep(share="0.1"), FeeStep(within_days=10, share="0.25"), FeeStep(within_days=5, share="0.5"))
    world = World(change=ChangePolicy(fees=fees))
    world.order("O-1", ask(unit_price=Decimal("3.33"), discount=Decimal("0.1")))
    assert cancel(world).changes[0].impact.fee == Decimal("7.49")  # 0.25 × 10 × 2.997
    (charge,) = find_charges(world.case("O-1"), OrderBills.of(()))
    assert (charge.charge_id, charge.amount) == ("O-1-C1", Decimal("7.49")), "the next invoice bears it"
    world.order("O-2", ask(unit_price=Decimal("3.33")), state=OrderState.SUBMITTED)
    assert cancel(world, "O-2").changes[0].impact.fee == 0


def test_above_a_value_sales_cannot_cancel_alone():
    world = World(change=ChangePolicy(cancel_alone_up_to=Decimal(30)))
    world.order("O-1", ask(unit_price=Decimal(3)))
    world.order("O-2", ask(unit_price=Decimal("3.01")))
    assert cancel(world).state is OrderState.CANCELLED
    with pytest.raises(GuardError, match="draft a change request"):
        cancel(world, "O-2")


def test_only_sales_and_reviewers_cancel():
    world = World()
    world.order("O-1")
    for actor in (BEN, CARL):
        with pytest.raises(NotAllowedError):
            cancel(world, by=actor)


def test_a_claimed_demand_is_not_promised_twice():
    """Two cancellations at once cannot give the same demand to two purchases: the second starts again."""
    world = World()
    for name in ("O-1", "O-2"):
        world.order(name)
        world.supply(f"P-{name}", 10, kind="buy", state="released", is_cancellable=False, pegs=[(name, "1", 10)])
    world.order("O-3")
    stale = world.open()
    stale.record(stale.need(OrderCase, "O-3"), AllocationCounted(amounts={"1": Decimal(1)}))
    cancel(world)
    with pytest.raises(ConflictError):
        stale.finish()
    assert fates(cancel(world, "O-2")) == [("P-O-2", Fate.FREE, 10)]
    assert world.case("O-3").line("1").counts.allocated == 10


def test_everyone_hears_of_it_and_the_change_is_applied():
    world = World()
    world.order("O-1")
    world.supply("M-1", 10, pegs=[("O-1", "1", 10)])
    case = cancel(world)
    assert case.changes[0].state is ChangeState.APPLIED
    told = {str(notice.department) for notice in case.notices}
    assert told == {"production", "warehouse", "transport", "sales", "finance", "customer"}
    assert all(notice.due_at == world.now + timedelta(hours=24) for notice in case.notices)
