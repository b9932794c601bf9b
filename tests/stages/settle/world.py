"""A desk with one order in any state, and what others would report about it, without their rooms."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from orderopt.desk import OrderDesk
from orderopt.models.customer import Customer
from orderopt.models.life.desk_policy import DeskPolicy, SettlementPolicy
from orderopt.models.life.document import Payload
from orderopt.models.life.happened.stock import StockMoved
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderCase, OrderHead, build_case
from orderopt.models.life.quantities import Count
from orderopt.models.life.returns import Arrival, Return, ReturnLine
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import OrderState, ReceptionState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.stages.book import Command, does
from orderopt.stages.master import PutMaster
from orderopt.stages.settle.rates import SetTaxRate
from orderopt.storage.memory import MemoryStore

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = NOW.date()
FAY = Actor.of("fay", Role.FINANCE)
FOX = Actor.of("fox", Role.FINANCE)
SAM = Actor.of("sam", Role.SALES)
ROOT = Actor.of("root", Role.ADMINISTRATOR)
ANYONE = frozenset(Role)


class DocumentGiven(Payload):
    """An order or a supply order as it is."""

    case: OrderCase | None = None
    supply: SupplyOrder | None = None

    def apply(self, document, stamp):
        return self.case or self.supply


class CountsChanged(Payload):
    """Counts of a line, or the state of the order, as other rooms would have made them."""

    line_no: str = "1"
    counts: dict[str, Count] = Field(default_factory=dict)
    state: OrderState | None = None
    returns: tuple[Return, ...] = ()

    def apply(self, document, stamp):
        document = document.model_copy(update={"returns": (*document.returns, *self.returns)})
        line = document.line(self.line_no)
        after = document.with_line(line.model_copy(update={"counts": line.counts.add(**self.counts)}))
        return after.model_copy(update={"state": self.state or after.state})


class Give(Command):
    ROLES: ClassVar = ANYONE
    fact: DocumentGiven


class Change(Command):
    ROLES: ClassVar = ANYONE
    order_id: str
    fact: CountsChanged


@does(Give)
def give(command, book):
    document = command.fact.case or command.fact.supply
    return book.begin(type(document), document.key, command.fact)


@does(Change)
def change(command, book):
    for one in command.fact.returns:
        for line in one.lines:
            book.begin(StockLedger, "bolt@", StockMoved(item_id="bolt", in_inspection=line.received))
    return book.record(book.need(OrderCase, command.order_id), command.fact)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


def build_desk(*, settlement=None, terms="net30", rates=(("VAT", "0.19"), ("LOW", "0.07")), **policy):
    clock = Clock()
    desk = OrderDesk(
        MemoryStore(), policy=DeskPolicy(settlement=settlement or SettlementPolicy(), **policy), clock=clock
    )
    desk.clock = clock
    desk.do(PutMaster(records=(Customer(customer_id="C1", name="Ann", payment_terms=terms),)), by=ROOT)
    for code, rate in rates:
        desk.do(SetTaxRate(code=code, rate=Decimal(rate), starts_on=date(2026, 1, 1)), by=FAY)
    return desk


def build_line(line_no="1", quantity="10", price="10.00", *, tax="VAT", discount="0", item="bolt", **more):
    return OrderedLine(
        line_no=line_no,
        item_id=item,
        quantity=Decimal(quantity),
        requested_at=NOW,
        unit_price=None if price is None else Decimal(price),
        discount=Decimal(discount),
        tax_code=tax,
        **more,
    )


def give_order(desk, *lines, order_id="O-1", state=OrderState.IN_EXECUTION, billing=None, holds=(), **head):
    case = build_case(
        OrderHead(order_id=order_id, channel="direct", customer_id="C1", received_at=NOW, **head),
        lines or (build_line(),),
    )
    case = case.model_copy(update={"state": state, "billing": billing, "holds": tuple(holds)})
    return desk.do(Give(fact=DocumentGiven(case=case)), by=SAM)


def ship(desk, quantity, line_no="1", order_id="O-1"):
    moved = Decimal(quantity)
    names = ("produced", "qc_passed", "packed", "shipped", "delivered")
    desk.do(Change(order_id=order_id, fact=CountsChanged(line_no=line_no, counts=dict.fromkeys(names, moved))), by=SAM)


def take_back(desk, quantity, line_no="1", order_id="O-1"):
    """Goods of a return arrive and wait in inspection."""
    came = Decimal(quantity)
    arrival = Arrival(source="gate", arrival_id="A1", arrived_at=NOW, quantities=((line_no, came),))
    found = Return(
        return_id=f"{order_id}-R1",
        reception=ReceptionState.RECEIVED,
        lines=(ReturnLine(line_no=line_no, announced=came, received=came),),
        reason="broken",
        announced_at=NOW,
        arrivals=(arrival,),
    )
    fact = CountsChanged(line_no=line_no, counts={"return_received": came}, returns=(found,))
    desk.do(Change(order_id=order_id, fact=fact), by=SAM)
    return found.return_id


def reach(desk, state, order_id="O-1"):
    desk.do(Change(order_id=order_id, fact=CountsChanged(state=state)), by=SAM)


def load(desk, kind, key):
    """A document as it is stored."""
    from orderopt.models.life.document import name_stream, unpack

    stored = desk.store.load(name_stream(kind, key))
    return None if stored is None else unpack(kind, stored.text, stored.apart)


def count_lines(desk, order_id="O-1", line_no="1"):
    return load(desk, OrderCase, order_id).line(line_no).counts
