"""A desk with orders, stock and supply in any state, for tests of changes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from orderopt.desk import OrderDesk
from orderopt.models.customer import Customer
from orderopt.models.item import BomLine, Item
from orderopt.models.life.desk_policy import DeskPolicy
from orderopt.models.life.document import Payload
from orderopt.models.life.happened.order import OrderReceived, OrderTakenOver
from orderopt.models.life.happened.review import AllocationCounted
from orderopt.models.life.happened.stock import StockMoved, StockReserved
from orderopt.models.life.happened.supply import SupplyPegged, SupplyProposed, SupplyStepped
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderCase, OrderHead
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import ChangeState, OrderState, SupplyState
from orderopt.models.life.stock_ledger import StockLedger, name_stock
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder, SupplyPeg
from orderopt.stages.change.assess import AssessChange
from orderopt.stages.change.assessor import NoPlanning
from orderopt.stages.change.request import ApplyChange, ApproveChange, DraftChange, SubmitChange
from orderopt.stages.master import PutMaster
from orderopt.storage.memory import MemoryStore

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
ROOT = Actor.of("root", Role.ADMINISTRATOR)
ANN = Actor.of("ann", Role.SALES)
SAM = Actor.of("sam", Role.SALES)
PAUL = Actor.of("paul", Role.PLANNER)
BEN = Actor.of("ben", Role.PURCHASING)
FIN = Actor.of("fin", Role.FINANCE)
WILL = Actor.of("will", Role.WAREHOUSE)
REVA = Actor.of("reva", Role.SECOND_REVIEWER)
CARL = Actor.of("carl", Role.CUSTOMER, customer_id="C-1")
PATHS = {
    SupplyState.PROPOSED: (),
    SupplyState.FIRM: ("firm",),
    SupplyState.RELEASED: ("firm", "release"),
    SupplyState.IN_PROGRESS: ("firm", "release", "start"),
}


def ask(line_no="1", quantity=10, item_id="A", days=9, **said):
    due = START + timedelta(days=days)
    return OrderedLine(line_no=line_no, item_id=item_id, quantity=quantity, requested_at=due, **said)


class LineCounted(Payload):
    """For tests only: any counts of a line change."""

    line_no: str
    amounts: Mapping[str, Decimal]

    def apply(self, document, stamp):
        return document.counted(self.line_no, **self.amounts)


class World:
    """Documents are put in place by events, changes are made by commands."""

    def __init__(self, assessor=None, **policy):
        self.now = START
        self.desk = OrderDesk(
            MemoryStore(),
            policy=DeskPolicy(**policy),
            clock=lambda: self.now,
            assessor=assessor or NoPlanning(),
        )
        items = [Item(item_id=item_id) for item_id in ("A", "B", "part")]
        bom = [BomLine(item_id="A", component_id="part", quantity_per=2)]
        customers = [Customer(customer_id="C-1"), Customer(customer_id="C-2")]
        self.desk.do(PutMaster(records=(*items, *bom, *customers)), by=ROOT)

    def open(self):
        return self.desk.open(self.now, ROOT, Role.ADMINISTRATOR)

    @contextmanager
    def book(self):
        work = self.open()
        yield work
        work.finish()

    def order(self, order_id, *lines, state=OrderState.CONFIRMED, **head):
        head = OrderHead(order_id=order_id, channel="shop", received_at=START, **{"customer_id": "C-1", **head})
        with self.book() as book:
            book.begin(
                OrderCase, order_id, OrderReceived(head=head, lines=lines or (ask(),)), OrderTakenOver(state=state)
            )

    def stock(self, item_id, quantity, **reserved):
        """Put stock at no site, reserved for ``ORDER_LINE=quantity``."""
        place = {"item_id": item_id}
        with self.book() as book:
            ledger = book.begin(StockLedger, name_stock(item_id, ""), StockMoved(**place, on_hand=quantity))
            for name, kept in reserved.items():
                order_id, line_no = name.split("_")
                book.record(ledger, StockReserved(**place, order_id=order_id, line_no=line_no, quantity=kept))
                self._allocate(book, order_id, line_no, kept)

    def supply(self, supply_id, quantity, *, item_id="A", kind="make", state="firm", days=5, pegs=(), **said):
        """Put a supply order, pegged to ``(order, line, quantity)`` or ``(supply, quantity)``."""
        supply = SupplyOrder(
            supply_id=supply_id,
            kind=SupplyKind(kind),
            item_id=item_id,
            source_id="somewhere",
            quantity=quantity,
            due_at=START + timedelta(days=days),
            **said,
        )
        made = tuple(
            SupplyPeg(order_id=peg[0], line_no=peg[1], quantity=peg[2])
            if len(peg) == 3
            else SupplyPeg(supply_id=peg[0], quantity=peg[1])
            for peg in pegs
        )
        with self.book() as book:
            steps = [SupplyStepped(trigger=trigger) for trigger in PATHS[SupplyState(state)]]
            book.begin(SupplyOrder, supply_id, SupplyProposed(supply=supply), SupplyPegged(pegs=made), *steps)
            for peg in made:
                if peg.order_id is not None:
                    self._allocate(book, peg.order_id, peg.line_no, peg.quantity)

    def _allocate(self, book, order_id, line_no, quantity):
        case = book.get(OrderCase, order_id)
        if case is not None:
            book.record(case, AllocationCounted(amounts={line_no: quantity}))

    def count(self, order_id, line_no, **amounts):
        """Count what happened to a line, as tracking and settlement do."""
        with self.book() as book:
            book.record(book.need(OrderCase, order_id), LineCounted(line_no=line_no, amounts=amounts))

    def do(self, command, by=ANN):
        return self.desk.do(command, by=by)

    def case(self, order_id) -> OrderCase:
        with self.book() as book:
            return book.need(OrderCase, order_id)

    def made(self, supply_id) -> SupplyOrder:
        with self.book() as book:
            return book.need(SupplyOrder, supply_id)

    def ledger(self, item_id) -> StockLedger:
        with self.book() as book:
            return book.need(StockLedger, name_stock(item_id, ""))

    def all(self, kind):
        with self.book() as book:
            return book.find(kind)


def draft(world, *amendments, order_id="O-1", by=ANN):
    return world.do(DraftChange(order_id=order_id, amendments=amendments, reason="the customer asks"), by=by).change_id


def bring(world, *amendments, order_id="O-1", until=ApplyChange, approvers=(SAM, PAUL, BEN, FIN, REVA)):
    """Take a request through all its steps, with whoever has to agree; return its name."""
    change_id = draft(world, *amendments, order_id=order_id)
    named = {"order_id": order_id, "change_id": change_id}
    world.do(SubmitChange(**named))
    if until is SubmitChange:
        return change_id
    change = world.do(AssessChange(**named))
    for actor in approvers if until is not AssessChange else ():
        if change.state is ChangeState.ASSESSED and (
            set(change.missing_approvals) & actor.roles or not change.missing_approvals
        ):
            change = world.do(ApproveChange(**named), by=actor)
    if until is ApplyChange:
        world.do(ApplyChange(**named))
    return change_id
