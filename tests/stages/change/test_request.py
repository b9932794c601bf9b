"""Change requests: what the order asks for changes only when everyone has agreed, and all at once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.stages.change.world import ANN, CARL, FIN, PAUL, SAM, START, WILL, World, ask, bring, draft

from orderopt.errors import GuardError, NotAllowedError, NotFoundError, UnlawfulStepError
from orderopt.models.life.amendment import (
    DateAmended,
    DestinationAmended,
    ItemAmended,
    LineAdded,
    LineCancelled,
    PartyAmended,
    PriceAmended,
    QuantityAmended,
    RestCancelled,
    TermsAmended,
)
from orderopt.models.life.desk_policy import ChangePolicy
from orderopt.models.life.disposition import Fate
from orderopt.models.life.order_case import Party
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ChangeState, OrderState, SupplyState
from orderopt.stages.change.assess import AssessChange, PreviewChange
from orderopt.stages.change.log import ShowChanges
from orderopt.stages.change.request import (
    ApplyChange,
    ApproveChange,
    RejectChange,
    SubmitChange,
    WithdrawChange,
)
from orderopt.stages.queries import ShowHistory, ShowOrder

D = Decimal


def refusals(world, *amendments):
    with pytest.raises(GuardError) as refused:
        draft(world, *amendments)
    return [finding.code for finding in refused.value.findings]


def test_every_kind_of_change_is_applied_with_what_was_before():
    world = World()
    lines = (ask("1", unit_price=D(5)), ask("2"), ask("3"), ask("4"))
    world.order("O-1", *lines, party=Party(name="Ann", city="Graz"), terms="net30", state=OrderState.SUBMITTED)
    later = START + timedelta(days=20)
    change_id = bring(
        world,
        QuantityAmended(line_no="1", after=12),
        DateAmended(line_no="1", after=later),
        PriceAmended(line_no="1", after=D(4), discount_after=D("0.1")),
        ItemAmended(line_no="2", after="B"),
        DestinationAmended(line_no="2", after="HAM"),
        DestinationAmended(after="LIN"),
        TermsAmended(after="net60"),
        PartyAmended(after=Party(name="Bob", city="Bern")),
        LineCancelled(line_no="3"),
        LineCancelled(line_no="4", quantity=4),
        LineAdded(line=ask("5", 3, "B")),
    )
    case = world.case("O-1")
    assert case.revision == 2
    assert [(line.ask.item_id, line.counts.ordered, line.counts.open) for line in case.lines] == [
        ("A", 12, 12),
        ("B", 10, 10),
        ("A", 10, 0),
        ("A", 10, 6),
        ("B", 3, 3),
    ]
    first = case.line("1").ask
    assert (first.requested_at, first.unit_price, first.discount) == (later, 4, D("0.1"))
    assert (case.head.terms, case.head.destination, case.line("2").ask.destination) == ("net60", "LIN", "HAM")
    assert case.head.party == Party(name="Bob", city="Bern")
    befores = [getattr(one, "before", None) for one in case.change(change_id).amendments]
    assert befores == [
        10,
        lines[0].requested_at,
        5,
        "A",
        None,
        None,
        "net30",
        Party(name="Ann", city="Graz"),
        10,
        10,
        None,
    ]
    assert case.change(change_id).state is ChangeState.APPLIED


def test_the_order_goes_on_while_a_change_is_open():
    """Elsewhere, orders got stuck in a state "modifying" (vendure#1197): here a change is no state of the order."""
    world = World()
    world.order("O-1", state=OrderState.IN_EXECUTION)
    for until in (SubmitChange, AssessChange, ApproveChange):
        bring(world, QuantityAmended(line_no="1", after=12), until=until)
        assert world.case("O-1").state is OrderState.IN_EXECUTION
        assert world.case("O-1").line("1").counts.ordered == 10
    world.count("O-1", "1", produced=D(10), qc_passed=D(10), packed=D(10), shipped=D(10))
    assert world.case("O-1").line("1").counts.open == 0


@pytest.mark.parametrize(
    ("counted", "amendment", "code"),
    [
        ("shipped", QuantityAmended(line_no="1", after=3), "BELOW_SHIPPED"),
        ("packed", QuantityAmended(line_no="1", after=3), "BELOW_PACKED"),
        ("invoiced", QuantityAmended(line_no="1", after=3), "BELOW_INVOICED"),
        ("invoiced", LineCancelled(line_no="1", quantity=6), "BELOW_SHIPPED"),
        ("shipped", LineCancelled(line_no="1", quantity=7), "BELOW_SHIPPED"),
        ("packed", LineCancelled(line_no="1"), "BELOW_PACKED"),
        ("shipped", ItemAmended(line_no="1", after="B"), "ITEM_HAS_LEFT"),
        ("packed", DestinationAmended(line_no="1", after="HAM"), "PACKED"),
        ("invoiced", PriceAmended(line_no="1", after=D(1)), "INVOICED"),
    ],
)
def test_never_below_what_is_packed_shipped_or_invoiced(counted, amendment, code):
    """Elsewhere, quantities could be set below what was delivered (odoo#18405, erpnext#16296)."""
    world = World()
    world.order("O-1", state=OrderState.IN_EXECUTION)
    chain = {"produced": D(5), "qc_passed": D(5), "packed": D(5), "shipped": D(5), "invoiced": D(5)}
    names = list(chain)
    world.count("O-1", "1", **{name: chain[name] for name in names[: names.index(counted) + 1]})
    assert code in refusals(world, amendment)


def test_a_prepaid_quantity_cannot_be_given_up_before_it_is_credited():
    world = World()
    world.order("O-1")
    world.count("O-1", "1", produced=D(9), qc_passed=D(9), packed=D(9), shipped=D(9), invoiced=D(9))
    assert refusals(world, QuantityAmended(line_no="1", after=8)) == ["BELOW_SHIPPED", "BELOW_INVOICED"]


@pytest.mark.parametrize(
    ("amendments", "code"),
    [
        ((QuantityAmended(line_no="9", after=3),), "UNKNOWN_LINE"),
        ((QuantityAmended(line_no="1", after=10),), "NO_CHANGE"),
        ((DateAmended(line_no="1", after=ask().requested_at),), "NO_CHANGE"),
        ((PriceAmended(line_no="1"),), "NO_CHANGE"),
        ((PartyAmended(after=Party()),), "NO_CHANGE"),
        ((QuantityAmended(line_no="1", after=3), QuantityAmended(line_no="1", after=4)), "TWICE"),
        ((QuantityAmended(line_no="1", after=3), LineCancelled(line_no="1")), "TWICE"),
        ((RestCancelled(), TermsAmended(after="net9")), "ALL_OR_SOME"),
        ((LineAdded(line=ask("1")),), "LINE_EXISTS"),
        ((LineAdded(line=ask("2", item_id="unknown")),), "UNKNOWN_ITEM"),
        ((ItemAmended(line_no="1", after="unknown"),), "UNKNOWN_ITEM"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(amendments, code):
    world = World()
    world.order("O-1")
    assert code in refusals(world, *amendments)
    assert world.case("O-1").changes == ()


@pytest.mark.parametrize("state", ["settled", "closed", "rejected", "cancelled", "expired"])
def test_an_order_that_has_ended_cannot_be_changed(state):
    world = World()
    world.order("O-1", state=OrderState(state))
    with pytest.raises(UnlawfulStepError, match=f"is {state}: change is not possible"):
        draft(world, QuantityAmended(line_no="1", after=12))


def test_of_two_requests_the_second_must_be_assessed_again():
    world = World()
    world.order("O-1", state=OrderState.SUBMITTED)
    first = bring(world, QuantityAmended(line_no="1", after=12), until=ApproveChange)
    second = bring(world, QuantityAmended(line_no="1", after=8), until=ApproveChange)
    third = bring(world, DateAmended(line_no="1", after=START + timedelta(days=3)), until=SubmitChange)
    world.do(ApplyChange(order_id="O-1", change_id=first))
    assert {world.case("O-1").change(name).state for name in (second, third)} == {ChangeState.STALE}
    with pytest.raises(UnlawfulStepError, match="is stale: apply is not possible; it allows assess, withdraw"):
        world.do(ApplyChange(order_id="O-1", change_id=second))
    again = world.do(AssessChange(order_id="O-1", change_id=second))
    assert (again.base_revision, again.amendments[0].before, again.approvals) == (2, 12, ())
    world.do(ApproveChange(order_id="O-1", change_id=second), by=SAM)
    world.do(ApplyChange(order_id="O-1", change_id=second))
    assert world.case("O-1").line("1").counts.ordered == 8


def test_a_request_that_has_become_impossible_is_not_applied():
    world = World()
    world.order("O-1", state=OrderState.IN_EXECUTION)
    change_id = bring(world, QuantityAmended(line_no="1", after=4), until=ApproveChange)
    world.count("O-1", "1", produced=D(5), qc_passed=D(5), packed=D(5), shipped=D(5))
    before = world.case("O-1")
    with pytest.raises(GuardError, match="BELOW_SHIPPED"):
        world.do(ApplyChange(order_id="O-1", change_id=change_id))
    assert world.case("O-1") == before


def test_an_increase_takes_a_completed_order_up_again():
    """Elsewhere, an increase after completion was refused or lost (erpnext#50596)."""
    world = World()
    world.order("O-1", state=OrderState.COMPLETED)
    world.count("O-1", "1", produced=D(10), qc_passed=D(10), packed=D(10), shipped=D(10))
    bring(world, QuantityAmended(line_no="1", after=12))
    case = world.case("O-1")
    assert (case.state, case.line("1").counts.open) == (OrderState.IN_EXECUTION, 2)


def test_the_rest_of_an_order_that_has_shipped_is_closed_short():
    world = World()
    world.order("O-1", ask("1"), ask("2"), state=OrderState.IN_EXECUTION)
    world.count("O-1", "1", produced=D(6), qc_passed=D(6), packed=D(6), shipped=D(6))
    world.supply("M-1", 4, pegs=[("O-1", "1", 4)])
    bring(world, RestCancelled())
    case = world.case("O-1")
    assert case.state is OrderState.COMPLETED
    assert [line.counts.cancelled for line in case.lines] == [4, 10]
    assert world.made("M-1").state is SupplyState.CANCELLED


def test_giving_up_every_line_of_an_order_cancels_it():
    world = World()
    world.order("O-1", ask("1"), ask("2"))
    bring(world, LineCancelled(line_no="1"), LineCancelled(line_no="2"))
    assert world.case("O-1").state is OrderState.CANCELLED


def test_a_confirmed_order_of_which_a_reviewed_field_changes_is_reviewed_again():
    world = World()
    world.order("O-1")
    world.order("O-2", state=OrderState.IN_EXECUTION)
    for order_id in ("O-1", "O-2"):
        bring(world, PartyAmended(after=Party(name="Ann")), order_id=order_id)
    assert world.case("O-1").state is OrderState.CONFIRMED
    for order_id in ("O-1", "O-2"):
        bring(world, DateAmended(line_no="1", after=START + timedelta(days=4)), order_id=order_id)
    assert world.case("O-1").state is OrderState.PRIMARY_REVIEW
    assert world.case("O-2").state is OrderState.IN_EXECUTION


def test_a_decrease_reaches_jobs_and_purchases():
    """Elsewhere, a decrease only left a note on the job and the purchase (odoo#24634)."""
    world = World()
    world.order("O-1", state=OrderState.IN_EXECUTION)
    world.supply("M-1", 6, pegs=[("O-1", "1", 6)])
    world.supply("P-1", 12, item_id="part", kind="buy", pegs=[("M-1", 12)])
    world.stock("A", 4, **{"O-1_1": 4})
    bring(world, QuantityAmended(line_no="1", after=7))
    assert (world.made("M-1").quantity, world.made("M-1").pegged) == (3, 3)
    assert (world.made("P-1").quantity, world.made("P-1").pegged) == (6, 6)
    assert world.ledger("A").reserved == 4
    assert world.case("O-1").line("1").counts.allocated == 7


def test_another_item_sets_everything_of_the_old_one_free():
    world = World()
    world.order("O-1", state=OrderState.IN_EXECUTION)
    world.supply("M-1", 6, state="in_progress", pegs=[("O-1", "1", 6)])
    world.stock("A", 4, **{"O-1_1": 4})
    change_id = bring(world, ItemAmended(line_no="1", after="B"))
    found = world.case("O-1").change(change_id).dispositions
    assert [(one.key, one.fate, one.quantity) for one in found] == [("A@", Fate.FREE, 4), ("M-1", Fate.FINISH, 6)]
    assert world.case("O-1").line("1").counts.allocated == 0


def test_adding_and_giving_up_a_line_again_leaves_the_value_as_it_was():
    """Elsewhere, adding and removing an item refunded money that was never paid (vendure#4013)."""
    world = World()
    world.order("O-1", ask(unit_price=D(5)), state=OrderState.IN_EXECUTION)
    values = []
    for amendment in (LineAdded(line=ask("2", 3, unit_price=D(7))), LineCancelled(line_no="2")):
        change_id = bring(world, amendment)
        values.append(world.case("O-1").change(change_id).impact.value)
    assert values == [21, -21]
    assert world.case("O-1").changes[-1].impact.fee == 0


# ---- who must agree -----------------------------------------------------------------------------------


def needed(world, *amendments, order_id="O-1"):
    impact = world.do(PreviewChange(order_id=order_id, amendments=amendments), by=PAUL)
    return set(impact.approvers), impact.persons


def test_who_must_agree_depends_on_what_is_touched():
    policy = ChangePolicy(fence_days=D(3), finance_above=D(40), two_persons_above=D(60))
    world = World(change=policy)
    world.order("O-1", ask("1", unit_price=D(10)), ask("2", days=2), state=OrderState.IN_EXECUTION)
    sales = {Role.SALES}
    assert needed(world, DateAmended(line_no="1", after=START + timedelta(days=20))) == (sales, 1)
    assert needed(world, QuantityAmended(line_no="1", after=14)) == (sales, 1)
    assert needed(world, QuantityAmended(line_no="1", after=15)) == ({*sales, Role.FINANCE}, 1)
    assert needed(world, QuantityAmended(line_no="1", after=17)) == ({*sales, Role.FINANCE}, 2)
    assert needed(world, TermsAmended(after="net90"))[0] == {*sales, Role.FINANCE, Role.SECOND_REVIEWER}
    assert needed(world, QuantityAmended(line_no="2", after=11))[0] == {*sales, Role.SECOND_REVIEWER}
    world.supply("P-1", 5, kind="buy", pegs=[("O-1", "1", 5)])
    world.supply("M-1", 5, state="in_progress", pegs=[("O-1", "1", 5)])
    assert needed(world, LineCancelled(line_no="1", quantity=4))[0] == {*sales, Role.PURCHASING}
    assert needed(world, LineCancelled(line_no="1", quantity=6))[0] == {
        *sales,
        Role.PURCHASING,
        Role.PLANNER,
        Role.FINANCE,
    }


def test_nothing_is_applied_before_all_have_agreed_and_nobody_agrees_to_their_own():
    world = World()
    world.order("O-1", state=OrderState.IN_EXECUTION)
    change_id = bring(world, TermsAmended(after="net90"), until=AssessChange)
    named = {"order_id": "O-1", "change_id": change_id}
    with pytest.raises(NotAllowedError, match="somebody else has to agree"):
        world.do(ApproveChange(**named), by=ANN)
    with pytest.raises(NotAllowedError, match="does not wait for paul: sales, finance must agree"):
        world.do(ApproveChange(**named), by=PAUL)
    change = world.do(ApproveChange(**named), by=SAM)
    assert (change.state, change.missing_approvals) == (ChangeState.ASSESSED, (Role.FINANCE,))
    with pytest.raises(UnlawfulStepError, match="apply is not possible"):
        world.do(ApplyChange(**named))
    assert world.do(ApproveChange(**named), by=FIN).state is ChangeState.APPROVED
    world.do(ApplyChange(**named))
    assert world.case("O-1").head.terms == "net90"


def test_where_two_persons_must_agree_one_with_all_roles_is_not_enough():
    world = World(change=ChangePolicy(two_persons_above=D(10), finance_above=D(99)))
    world.order("O-1", ask(unit_price=D(10)), state=OrderState.IN_EXECUTION)
    change_id = bring(world, QuantityAmended(line_no="1", after=12), until=AssessChange)
    named = {"order_id": "O-1", "change_id": change_id}
    assert world.do(ApproveChange(**named), by=SAM).state is ChangeState.ASSESSED
    with pytest.raises(NotAllowedError, match="another person must agree"):
        world.do(ApproveChange(**named), by=SAM)
    other = type(SAM).of("sue", Role.SALES)
    assert world.do(ApproveChange(**named), by=other).state is ChangeState.APPROVED


def test_rejected_and_withdrawn_requests_say_why_and_stay():
    world = World()
    world.order("O-1")
    first = bring(world, QuantityAmended(line_no="1", after=12), until=SubmitChange)
    second = draft(world, QuantityAmended(line_no="1", after=12), by=CARL)
    world.do(RejectChange(order_id="O-1", change_id=first, reason="no room"), by=PAUL)
    with pytest.raises(NotAllowedError):
        world.do(WithdrawChange(order_id="O-1", change_id=second, reason="x"), by=WILL)
    world.do(WithdrawChange(order_id="O-1", change_id=second, reason="not needed"), by=CARL)
    changes = world.case("O-1").changes
    assert [(one.state, one.ended_because, one.ended_by) for one in changes] == [
        (ChangeState.REJECTED, "no room", "paul"),
        (ChangeState.WITHDRAWN, "not needed", "carl"),
    ]
    log = world.do(ShowChanges(order_id="O-1"))
    assert [(row.because, row.applied_at) for row in log] == [("no room", None), ("not needed", None)]
    for name in (first, second):
        with pytest.raises(UnlawfulStepError, match="nothing leads out of it"):
            world.do(SubmitChange(order_id="O-1", change_id=name))


def test_customers_ask_for_changes_of_their_own_orders_only():
    world = World()
    world.order("O-1")
    world.order("O-2", customer_id="C-2")
    draft(world, QuantityAmended(line_no="1", after=12), by=CARL)
    with pytest.raises(NotFoundError):
        draft(world, QuantityAmended(line_no="1", after=12), order_id="O-2", by=CARL)


def test_the_log_shows_to_each_role_what_it_may_see():
    world = World()
    world.order("O-1", ask(unit_price=D(5)), party=Party(name="Ann"), state=OrderState.IN_EXECUTION)
    world.supply("M-1", 10, pegs=[("O-1", "1", 10)])
    bring(
        world,
        PriceAmended(line_no="1", after=D(4)),
        PartyAmended(after=Party(name="Bob")),
        QuantityAmended(line_no="1", after=9),
    )

    def look(actor):
        (row,) = world.do(ShowChanges(order_id="O-1"), by=actor)
        price, party, _ = row.amendments
        return (
            price.before,
            price.after,
            party.before.name,
            party.after.name,
            bool(row.approvals),
            len(row.dispositions),
        )

    assert look(ANN) == (5, 4, "Ann", "Bob", True, 1)
    assert look(PAUL) == (None, None, None, None, True, 1)
    assert look(WILL) == (None, None, "Ann", "Bob", True, 1)
    assert look(CARL) == (5, 4, "Ann", "Bob", False, 0)
    (row,) = world.do(ShowChanges(order_id="O-1"))
    assert (row.reason, row.requested_by, row.applied_by) == ("the customer asks", "ann", "ann")


def test_customers_see_of_a_change_what_is_for_them():
    world = World()
    world.order("O-1", ask(unit_price=D(5)), state=OrderState.IN_EXECUTION)
    world.supply("M-1", 10, pegs=[("O-1", "1", 10)])
    change_id = draft(world, QuantityAmended(line_no="1", after=9), by=CARL)
    world.do(SubmitChange(order_id="O-1", change_id=change_id), by=CARL)
    world.do(AssessChange(order_id="O-1", change_id=change_id))
    world.do(ApproveChange(order_id="O-1", change_id=change_id), by=PAUL)
    world.do(ApproveChange(order_id="O-1", change_id=change_id), by=SAM)
    world.do(ApplyChange(order_id="O-1", change_id=change_id))
    seen = world.do(ShowOrder(order_id="O-1"), by=CARL)
    (change,) = seen.changes
    assert (change.impact.value, change.impact.dispositions, change.approvals, change.dispositions) == (-5, (), (), ())
    assert [str(notice.department) for notice in seen.notices] == ["customer"]
    types = {row.type for row in world.do(ShowHistory(order_id="O-1"), by=CARL)}
    assert "ChangeApplied" in types
    assert not types & {"ChangeAssessed", "ChangeDisposed", "NoticeSent"}
    assert world.do(ShowOrder(order_id="O-1")).changes[0].dispositions


def test_results_are_masked_for_roles_that_do_not_see_prices():
    world = World()
    world.order("O-1", ask(unit_price=D(5)), state=OrderState.IN_EXECUTION)
    change_id = bring(world, QuantityAmended(line_no="1", after=9), until=SubmitChange)
    named = {"order_id": "O-1", "change_id": change_id}
    assert world.do(AssessChange(**named), by=PAUL).impact.value is None
    assert world.do(ApproveChange(**named), by=SAM).impact.value == -5
    assert world.do(ApplyChange(**named), by=PAUL).line("1").ask.unit_price is None
