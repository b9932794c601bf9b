"""Random changes, cancellations, reports and shipments never lose supply, money or track of a demand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.stages.change.world import ANN, BEN, FIN, PAUL, REVA, SAM, START, World, ask

from orderopt.errors import GuardError, UnlawfulStepError
from orderopt.models.life.amendment import (
    DateAmended,
    ItemAmended,
    LineAdded,
    LineCancelled,
    PriceAmended,
    QuantityAmended,
    RestCancelled,
)
from orderopt.models.life.disposition import Choice, Fate, Holding
from orderopt.models.life.happened.making import SupplyReported
from orderopt.models.life.happened.order import OrderReleased
from orderopt.models.life.happened.stock import StockTaken
from orderopt.models.life.happened.supply import SupplyStepped
from orderopt.models.life.happened.tracking import LineTaken
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.progress import Report, ReportKind
from orderopt.models.life.states import CHANGE, ORDER, ChangeState, OrderState, SupplyState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder
from orderopt.stages.change.assess import AssessChange
from orderopt.stages.change.cancel import CancelOrder
from orderopt.stages.change.commitments import find_goods, find_outstanding
from orderopt.stages.change.request import ApplyChange, ApproveChange, DraftChange, SubmitChange, WithdrawChange
from orderopt.stages.track.credit import credit_supply

ORDERS = ("O-1", "O-2", "O-3")
LINES = ("1", "2", "3")
AMOUNTS = st.integers(1, 12).map(Decimal)
AMENDMENTS = st.one_of(
    st.builds(QuantityAmended, line_no=st.sampled_from(LINES), after=AMOUNTS),
    st.builds(LineCancelled, line_no=st.sampled_from(LINES), quantity=st.none() | AMOUNTS),
    st.builds(ItemAmended, line_no=st.sampled_from(LINES), after=st.sampled_from("AB")),
    st.builds(PriceAmended, line_no=st.sampled_from(LINES), after=AMOUNTS),
    st.builds(
        lambda line_no, days: DateAmended(line_no=line_no, after=START + timedelta(days=days)),
        st.sampled_from(LINES),
        st.integers(1, 30),
    ),
    st.builds(
        lambda line_no, quantity, item: LineAdded(line=ask(line_no, quantity, item)),
        st.sampled_from(LINES),
        AMOUNTS,
        st.sampled_from("AB"),
    ),
    st.just(RestCancelled()),
)
CHOICES = st.builds(
    Choice,
    key=st.sampled_from(["M-1", "M-2", "P-1", "P-2", "P-3", "A@", "B@", "part@"]),
    fate=st.sampled_from(list(Fate)),
    quantity=st.none() | AMOUNTS,
)


class Changes(RuleBasedStateMachine):
    """Three orders, three purchases, two jobs with components, and stock."""

    def __init__(self):
        super().__init__()
        self.world = World(change={"may_approve_own": True})
        self.number = 0

    @initialize(
        quantities=st.lists(AMOUNTS, min_size=4, max_size=4),
        states=st.lists(st.sampled_from(["proposed", "firm", "released"]), min_size=5, max_size=5),
        cancellable=st.lists(st.booleans(), min_size=5, max_size=5),
    )
    def begin(self, quantities, states, cancellable):
        world, (one, two, three, four) = self.world, quantities
        world.order("O-1", ask("1", one + 3), ask("2", two, "B"), state=OrderState.IN_EXECUTION)
        world.order("O-2", ask("1", three + four, days=4))
        world.order("O-3", ask("1", 5, days=6), ask("2", 4, "B", days=7), state=OrderState.IN_EXECUTION)
        given = [{"state": state, "is_cancellable": can} for state, can in zip(states, cancellable, strict=True)]
        world.supply("M-1", one, pegs=[("O-1", "1", one)], **given[0])
        world.supply("M-2", three + 2, pegs=[("O-2", "1", three), ("O-3", "1", 2)], **given[1])
        world.supply("P-1", two, item_id="B", kind="buy", pegs=[("O-1", "2", two)], **given[2])
        needs = [("M-1", 2 * one), ("M-2", 2 * three)]
        world.supply("P-2", 2 * (one + three), item_id="part", kind="buy", pegs=needs, **given[3])
        world.supply("P-3", four, kind="buy", pegs=[("O-2", "1", four)], **given[4])
        world.stock("A", 8, **{"O-1_1": 3, "O-3_1": 1})
        world.stock("part", 9, **{"M-2_component": 4})
        world.stock("B", 2)
        with world.book() as book:
            self.whole = {supply.key: supply.quantity for supply in book.find(SupplyOrder)}

    # ---- what people do --------------------------------------------------------------------------------

    def attempt(self, command, by=ANN):
        """Do something; what is refused changes nothing."""
        before = list(self.world.desk.store.events())
        try:
            return self.world.do(command, by=by)
        except (GuardError, UnlawfulStepError):
            assert list(self.world.desk.store.events()) == before
            return None

    @rule(order_id=st.sampled_from(ORDERS), amendments=st.lists(AMENDMENTS, min_size=1, max_size=3))
    def request(self, order_id, amendments):
        change = self.attempt(DraftChange(order_id=order_id, amendments=tuple(amendments), reason="asked"))
        if change is not None:
            self.attempt(SubmitChange(order_id=order_id, change_id=change.change_id))

    @rule(order_id=st.sampled_from(ORDERS), choices=st.lists(CHOICES, max_size=2))
    def go_on(self, order_id, choices):
        """Take every open request of an order one step further."""
        for change in self.world.case(order_id).changes:
            named = {"order_id": order_id, "change_id": change.change_id}
            state = self.world.case(order_id).change(change.change_id).state
            if state in (ChangeState.SUBMITTED, ChangeState.STALE):
                self.attempt(AssessChange(**named))
            elif state is ChangeState.ASSESSED:
                for actor in (SAM, PAUL, BEN, FIN, REVA):
                    now = self.world.case(order_id).change(change.change_id)
                    if now.state is ChangeState.ASSESSED and set(now.missing_approvals) & actor.roles:
                        self.attempt(ApproveChange(**named), by=actor)
            elif state is ChangeState.APPROVED:
                self.attempt(ApplyChange(choices=tuple(choices), **named))

    @rule(order_id=st.sampled_from(ORDERS))
    def withdraw(self, order_id):
        for change in self.world.case(order_id).changes:
            if CHANGE.allows(change.state, "withdraw"):
                self.attempt(WithdrawChange(order_id=order_id, change_id=change.change_id, reason="no more"))

    @rule(order_id=st.sampled_from(ORDERS), choices=st.lists(CHOICES, max_size=1))
    def cancel(self, order_id, choices):
        self.attempt(CancelOrder(order_id=order_id, reason="off", choices=tuple(choices)))

    # ---- what happens ----------------------------------------------------------------------------------

    @rule(order_id=st.sampled_from(ORDERS))
    def release(self, order_id):
        with self.world.book() as book:
            case = book.need(OrderCase, order_id)
            if ORDER.allows(case.state, "release"):
                book.record(case, OrderReleased())

    @rule(supply_id=st.sampled_from(["M-1", "M-2", "P-1", "P-3"]), good=AMOUNTS, scrap=st.integers(0, 2))
    def report(self, supply_id, good, scrap):
        """Something is made or received; lines are credited as tracking does it."""
        self.number += 1
        with self.world.book() as book:
            supply = book.need(SupplyOrder, supply_id)
            if supply.state not in (SupplyState.RELEASED, SupplyState.IN_PROGRESS):
                return
            if supply.state is SupplyState.RELEASED:
                supply = book.record(supply, SupplyStepped(trigger="start"))
            report = Report(
                source="test",
                report_id=f"R-{self.number}",
                kind=ReportKind.COUNTED,
                happened_at=START,
                good=min(good, supply.to_come),
                scrap=min(Decimal(scrap), supply.to_come - min(good, supply.to_come)),
            )
            supply = book.record(supply, SupplyReported(report=report))
            if supply.to_come == 0:
                supply = book.record(supply, SupplyStepped(trigger="finish"))
            credit_supply(supply, book)

    @rule(order_id=st.sampled_from(ORDERS), line_no=st.sampled_from(LINES), quantity=AMOUNTS)
    def ship(self, order_id, line_no, quantity):
        """What is there for a line is inspected, packed and shipped, as far as it is wanted."""
        with self.world.book() as book:
            case = book.need(OrderCase, order_id)
            if case.state is not OrderState.IN_EXECUTION or line_no not in {line.line_no for line in case.lines}:
                return
            line = case.line(line_no)
            for ledger in book.find(StockLedger, {"item": line.ask.item_id}):
                kept = ledger.reserved_for(order_id, line_no)
                place = {"item_id": ledger.item_id, "site": ledger.site, "line_no": line_no}
                if kept:
                    book.record(ledger, StockTaken(order_id=order_id, quantity=kept, **place))
                    case = book.record(case, LineTaken(line_no=line_no, quantity=kept))
        line = self.world.case(order_id).line(line_no)
        part = min(quantity, find_goods(line), line.counts.open)
        if part > 0:
            inspected = max(Decimal(0), line.counts.packed + part - line.counts.qc_passed)
            self.world.count(order_id, line_no, qc_passed=inspected, packed=part, shipped=part)

    # ---- what must always hold -------------------------------------------------------------------------

    @invariant()
    def nothing_is_promised_more_than_wanted_or_twice(self):
        for case in self.world.all(OrderCase):
            for line in case.lines:
                committed = self.committed(case.key, line.line_no)
                assert committed <= max(line.counts.open, Decimal(0)), (case.key, line.line_no, committed)
                assert line.counts.allocated >= 0
        for ledger in self.world.all(StockLedger):
            ledger.check()

    def committed(self, order_id, line_no):
        with self.world.book() as book:
            line = book.need(OrderCase, order_id).line(line_no)
            supply = book.find(SupplyOrder, {"open": "1"})
            ledgers = book.find(StockLedger)
        return (
            find_goods(line)
            + sum(find_outstanding(one, order_id, line_no) for one in supply)
            + sum(ledger.reserved_for(order_id, line_no) for ledger in ledgers)
        )

    @invariant()
    def no_peg_is_without_its_demand(self):
        with self.world.book() as book:
            supply = book.find(SupplyOrder)
            parents = {one.key: one for one in supply}
            for one in supply:
                for peg in one.pegs:
                    if peg.supply_id is not None:
                        assert parents[peg.supply_id].state is not SupplyState.CANCELLED
                        continue
                    case = book.need(OrderCase, peg.order_id)
                    if find_outstanding(one, peg.order_id, peg.line_no) > 0 and one.labels()["open"] == "1":
                        assert case.state not in (OrderState.CANCELLED, OrderState.COMPLETED)
                        assert case.line(peg.line_no).ask.item_id == one.item_id
            for ledger in book.find(StockLedger):
                for kept in ledger.reservations:
                    if kept.line_no == "component":
                        assert parents[kept.order_id].state is not SupplyState.CANCELLED
                    else:
                        line = book.need(OrderCase, kept.order_id).line(kept.line_no)
                        assert line.ask.item_id == ledger.item_id

    @invariant()
    def every_supply_is_pegged_or_has_a_disposition(self):
        """What lost its peg was pegged anew, cancelled, or is free by decision."""
        for supply in self.world.all(SupplyOrder):
            fates = {fate: Decimal(0) for fate in Fate}
            for one in supply.dispositions:
                assert (one.holding, one.key) == (Holding.SUPPLY, supply.key)
                fates[one.fate] += one.quantity
            if supply.kind is SupplyKind.BUY and supply.key == "P-2":
                continue  # components: rounded shares, pegged to jobs of other quantities
            loose = supply.quantity - supply.scrapped - supply.pegged - supply.to_stock
            if supply.state is SupplyState.CANCELLED:
                assert supply.pegs == ()
                assert fates[Fate.CANCEL] + fates[Fate.SCRAP] > 0
            else:
                assert loose <= fates[Fate.FREE] + fates[Fate.FINISH], (supply.key, loose, fates)

    @invariant()
    def the_state_fits_what_is_open(self):
        for case in self.world.all(OrderCase):
            if case.state is OrderState.COMPLETED:
                assert all(line.counts.open == 0 for line in case.lines)
            if case.state is OrderState.CANCELLED:
                assert all(line.counts.shipped == 0 for line in case.lines)
            assert case.revision == 1 + sum(change.applied_at is not None for change in case.changes)
            assert len({notice.notice_id for notice in case.notices}) == len(case.notices)


Changes.TestCase.settings = settings(
    max_examples=settings.default.max_examples // 2,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestChanges = Changes.TestCase
