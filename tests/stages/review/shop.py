"""A small shop for tests of reviews and of what follows: a desk, people, master data, and orders in any state."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from orderopt.desk import OrderDesk
from orderopt.models.customer import Customer
from orderopt.models.item import Item
from orderopt.models.life.account import Account, ItemKind, OpenItem, PartyKind
from orderopt.models.life.desk_policy import DeskPolicy, ReviewPolicy
from orderopt.models.life.document import Document, Payload
from orderopt.models.life.happened.account import AccountOpened, ItemPosted
from orderopt.models.life.happened.intake import OrderSubmitted
from orderopt.models.life.happened.order import OrderReceived
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderCase, OrderHead
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import OrderKind
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.stages.book import Book, Command, does
from orderopt.stages.confirm.confirm import PassSecondary
from orderopt.stages.confirm.promiser import PromiseAsAsked
from orderopt.stages.confirm.quotes import AcceptQuote
from orderopt.stages.master import PutMaster
from orderopt.stages.review.credit import release_credit_holds
from orderopt.stages.review.first import Claim, PassPrimary
from orderopt.stages.stock import CountStock
from orderopt.storage.memory import MemoryStore

ALICE = Actor.of("alice", Role.FIRST_REVIEWER, Role.SECOND_REVIEWER)
BOB = Actor.of("bob", Role.FIRST_REVIEWER, Role.SECOND_REVIEWER)
SALES = Actor.of("sam", Role.SALES)
FINANCE = Actor.of("fay", Role.FINANCE)
ROOT = Actor.of("root", Role.ADMINISTRATOR, Role.PLANNER, Role.WAREHOUSE)

FRIDAY = datetime(2026, 1, 9, 10, tzinfo=UTC)
SOON = datetime(2026, 2, 2, tzinfo=UTC)


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_hours(self, hours: float) -> None:
        self.now += timedelta(hours=hours)


class CountsAdded(Payload):
    """Anything was counted of a line."""

    line_no: str
    amounts: dict[str, Decimal]

    def apply(self, document: OrderCase, stamp: Any) -> OrderCase:
        line = document.line(self.line_no)
        return document.with_line(line.model_copy(update={"counts": line.counts.add(**self.amounts)}))


class Revised(Payload):
    """What is asked for is another now."""

    def apply(self, document: OrderCase, stamp: Any) -> OrderCase:
        return document.model_copy(update={"revision": document.revision + 1})


class Tell(Command):
    """Record any facts of any document, a new one if need be."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.ADMINISTRATOR})
    kind: type
    key: str
    facts: tuple


class Look(Command):
    """Return all documents of a kind."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.ADMINISTRATOR})
    kind: type


class Call(Command):
    """Call a function with the book."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.ADMINISTRATOR})
    function: Any


@does(Tell)
def tell(command: Tell, book: Book) -> Document:
    found = book.get(command.kind, command.key)
    return book.record(found, *command.facts) if found else book.begin(command.kind, command.key, *command.facts)


@does(Look)
def look(command: Look, book: Book) -> list[Document]:
    return book.find(command.kind)


@does(Call)
def call(command: Call, book: Book) -> Any:
    return command.function(book)


class Shop:
    """A desk with short ways to do what tests need."""

    def __init__(self, *, review: ReviewPolicy | None = None, promiser: Any = None, now: datetime = FRIDAY) -> None:
        self.clock = Clock(now)
        self._num_invoices = self._num_payments = 0
        self.desk = OrderDesk(
            MemoryStore(),
            policy=DeskPolicy(review=review or ReviewPolicy()),
            clock=self.clock,
            promiser=promiser or PromiseAsAsked(),
        )

    def put(self, *records: Any) -> None:
        self.desk.do(PutMaster(records=records), by=ROOT)

    def put_all(self, snapshot: Snapshot) -> None:
        self.desk.do(PutMaster.of(snapshot), by=ROOT)

    def stock(self, item_id: str, on_hand: int | str, site: str = "") -> None:
        self.desk.do(CountStock(item_id=item_id, site=site, on_hand=Decimal(on_hand), reason="counted"), by=ROOT)

    def draft(self, order_id: str, *lines: OrderedLine, **head: Any) -> OrderCase:
        said = {"customer_id": "C", "channel": "direct", "received_at": self.clock(), **head}
        fact = OrderReceived(head=OrderHead(order_id=order_id, **said), lines=lines)
        return self.tell(OrderCase, order_id, fact)

    def submit(self, order_id: str, *lines: OrderedLine, **head: Any) -> OrderCase:
        self.draft(order_id, *lines, **head)
        return self.tell(OrderCase, order_id, OrderSubmitted())

    def pass_first(self, order_id: str, by: Actor = ALICE) -> OrderCase:
        self.desk.do(Claim(order_id=order_id), by=by)
        return self.desk.do(PassPrimary(order_id=order_id), by=by)

    def confirm(self, order_id: str, *lines: OrderedLine, **head: Any) -> OrderCase:
        self.submit(order_id, *lines, **head)
        self.pass_first(order_id)
        return self.desk.do(PassSecondary(order_id=order_id), by=BOB)

    def quote(self, order_id: str, *lines: OrderedLine, **head: Any) -> OrderCase:
        return self.confirm(order_id, *lines, **{"kind": OrderKind.QUOTE, **head})

    def do(self, command: Command, by: Actor) -> Any:
        return self.desk.do(command, by=by)

    def tell(self, kind: type[Document], key: str, *facts: Payload) -> Any:
        return self.desk.do(Tell(kind=kind, key=key, facts=facts), by=ROOT)

    def call(self, function: Any) -> Any:
        return self.desk.do(Call(function=function), by=ROOT)

    def count(self, order_id: str, line_no: str = "1", **amounts: int) -> OrderCase:
        added = {name: Decimal(amount) for name, amount in amounts.items()}
        return self.tell(OrderCase, order_id, CountsAdded(line_no=line_no, amounts=added))

    def revise(self, order_id: str) -> OrderCase:
        return self.tell(OrderCase, order_id, Revised())

    def ship(self, order_id: str, quantity: int, line_no: str = "1") -> OrderCase:
        return self.count(order_id, line_no, from_stock=quantity, qc_passed=quantity, packed=quantity, shipped=quantity)

    def owe(self, customer_id: str, amount: str) -> Account:
        """Say what a customer owes before anything else."""
        opened = AccountOpened(party=PartyKind.CUSTOMER, party_id=customer_id, currency="EUR")
        return self.tell(Account, f"customer:{customer_id}", opened, _post("opening", ItemKind.OPENING, amount))

    def owe_more(self, customer_id: str, amount: str) -> Account:
        """Enter an invoice."""
        self._num_invoices += 1
        return self.tell(Account, f"customer:{customer_id}", _post(f"I-{self._num_invoices}", ItemKind.INVOICE, amount))

    def accept(self, order_id: str) -> OrderCase:
        return self.do(AcceptQuote(order_id=order_id), by=SALES)

    def pay(self, customer_id: str, amount: str) -> tuple[str, ...]:
        """Enter a payment, as the doer of payments does; return the orders whose credit hold it lifts."""
        self._num_payments += 1
        fact = _post(f"PAY-{self._num_payments}", ItemKind.PAYMENT, f"-{amount}")

        def enter(book: Book) -> tuple[str, ...]:
            book.record(book.need(Account, f"customer:{customer_id}"), fact)
            return release_credit_holds(customer_id, book)

        return self.call(enter)

    def order(self, order_id: str) -> OrderCase:
        return self.call(lambda book: book.need(OrderCase, order_id))

    def ledger(self, key: str) -> StockLedger:
        return self.call(lambda book: book.need(StockLedger, key))

    def account(self, key: str) -> Account:
        return self.call(lambda book: book.need(Account, key))

    def supply(self) -> dict[str, SupplyOrder]:
        return {order.key: order for order in self.desk.do(Look(kind=SupplyOrder), by=ROOT)}


def _post(ref: str, kind: ItemKind, amount: str) -> ItemPosted:
    day = date(2026, 1, 5)
    money = Decimal(amount)
    item = OpenItem(ref=ref, kind=kind, issued_on=day, due_on=day, currency="EUR", amount=money, open=money)
    return ItemPosted(item=item)


def open_shop(*items: Item, customer: Customer | None = None, **options: Any) -> Shop:
    """Return a shop that sells some items to the customer C."""
    shop = Shop(**options)
    shop.put(
        Policy(horizon_start=FRIDAY),
        customer or Customer(customer_id="C"),
        *(items or (Item(item_id="PUMP"), Item(item_id="VALVE"))),
    )
    return shop


def ask(line_no: str = "1", item_id: str = "PUMP", quantity: int | str = 1, **said: Any) -> OrderedLine:
    """Return a line that costs 10 a unit and is wanted soon."""
    more = {"requested_at": SOON, "unit_price": Decimal(10), **said}
    return OrderedLine(line_no=line_no, item_id=item_id, quantity=Decimal(quantity), **more)
