"""A small world for the tests of tracking: a desk, people, orders that are confirmed, supply that is released."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from orderopt.desk import OrderDesk
from orderopt.models.life.desk_policy import DeskPolicy, TrackingPolicy
from orderopt.models.life.document import Payload, unpack
from orderopt.models.life.happened.order import OrderReceived, OrderReleased
from orderopt.models.life.happened.stock import StockMoved, StockReserved
from orderopt.models.life.happened.supply import SupplyProposed, SupplyStepped
from orderopt.models.life.line import Dates, OrderedLine
from orderopt.models.life.order_case import OrderCase, OrderHead
from orderopt.models.life.progress import Report, ReportKind
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import OrderState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder, SupplyPeg
from orderopt.stages.book import Command, does
from orderopt.stages.ship_out.deliver import ProveDelivery
from orderopt.stages.ship_out.leave import Pack, Ship
from orderopt.stages.ship_out.plan_shipment import PlanShipment
from orderopt.stages.track.inspect import Inspect
from orderopt.stages.track.report import ReportProgress
from orderopt.storage.memory import MemoryStore

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
EVERYONE = Actor.of("pat", *(set(Role) - {Role.CUSTOMER}))


class Begun(Payload):
    """An order as a test wants it, of the state CONFIRMED."""

    head: OrderHead
    lines: tuple[OrderedLine, ...]
    promised: datetime | None = None

    def apply(self, document, stamp):
        case = OrderReceived(head=self.head, lines=self.lines).apply(document, stamp)
        dates = Dates(first_promise=self.promised, last_promise=self.promised)
        lines = tuple(
            line.model_copy(
                update={"dates": dates, "counts": line.counts.model_copy(update={"allocated": line.ask.quantity})}
            )
            for line in case.lines
        )
        return case.model_copy(update={"state": OrderState.CONFIRMED, "lines": lines})


class Lay(Command):
    """Record any facts of any documents, for tests."""

    ROLES = frozenset(Role)

    kind: type
    key: str
    facts: tuple


@does(Lay)
def lay(command, book):
    found = book.get(command.kind, command.key)
    if found is None:
        return book.begin(command.kind, command.key, *command.facts)
    return book.record(found, *command.facts)


class Shop:
    """A desk with short words for what tests do often."""

    def __init__(self, **policy):
        self.now = NOON
        self.desk = OrderDesk(
            MemoryStore(), policy=DeskPolicy(tracking=TrackingPolicy(**policy)), clock=lambda: self.now
        )
        self.num_reports = 0

    def do(self, command, by=EVERYONE):
        return self.desk.do(command, by=by)

    def order(self, order_id="O-1", quantities=(10,), *, customer="C-1", promised=NOON + 10 * DAY, **ask):
        lines = tuple(
            OrderedLine(
                line_no=str(10 * (1 + place)),
                item_id=ask.get("item_id", "CHAIR"),
                quantity=Decimal(quantity),
                requested_at=ask.get("requested_at", NOON + 10 * DAY),
                **{name: value for name, value in ask.items() if name not in ("item_id", "requested_at")},
            )
            for place, quantity in enumerate(quantities)
        )
        head = OrderHead(order_id=order_id, channel="direct", customer_id=customer, received_at=NOON)
        self.do(Lay(kind=OrderCase, key=order_id, facts=(Begun(head=head, lines=lines, promised=promised),)))
        return order_id

    def supply(self, supply_id="M-1", quantity=10, pegs=(("O-1", "10", 10),), *, kind="make", released=True, **said):
        supply = SupplyOrder(
            supply_id=supply_id,
            kind=SupplyKind(kind),
            item_id=said.pop("item_id", "CHAIR"),
            source_id=said.pop("source_id", "PLANT"),
            site=said.pop("site", "HALL"),
            quantity=Decimal(quantity),
            due_at=said.pop("due_at", NOON + 8 * DAY),
            pegs=tuple(
                SupplyPeg(supply_id=peg[0], quantity=Decimal(peg[1]))
                if len(peg) == 2
                else SupplyPeg(order_id=peg[0], line_no=peg[1], quantity=Decimal(peg[2]))
                for peg in pegs
            ),
            **said,
        )
        steps = [SupplyStepped(trigger="firm"), SupplyStepped(trigger="release")] if released else []
        self.do(Lay(kind=SupplyOrder, key=supply_id, facts=(SupplyProposed(supply=supply), *steps)))
        return supply_id

    def report(self, supply_id="M-1", kind="counted", *, at=None, name=None, **said):
        self.num_reports += 1
        report = Report(
            source="mes",
            report_id=name or f"R-{self.num_reports}",
            kind=ReportKind(kind),
            happened_at=at or self.now,
            **said,
        )
        return self.do(ReportProgress(supply_id=supply_id, report=report))

    def release(self, order_id="O-1"):
        self.do(Lay(kind=OrderCase, key=order_id, facts=(OrderReleased(),)))

    def inspect(self, passed=0, rejected=0, *, order_id="O-1", line_no="10", name=None, **said):
        self.num_reports += 1
        inspection_id = name or f"I-{self.num_reports}"
        said.setdefault("reason", "SCRATCH" if rejected else None)
        place = {"order_id": order_id, "line_no": line_no, "source": "lab", "inspection_id": inspection_id}
        return self.do(Inspect(**place, passed=passed, rejected=rejected, **said))

    def put_in_stock(self, quantity, *, reserved=None, item_id="CHAIR", site="HALL", order_id="O-1", line_no="10"):
        place = {"item_id": item_id, "site": site}
        facts = [StockMoved(**place, on_hand=quantity)]
        if reserved:
            facts.append(StockReserved(**place, order_id=order_id, line_no=line_no, quantity=reserved))
        self.do(Lay(kind=StockLedger, key=f"{item_id}@{site}", facts=tuple(facts)))

    def plan(self, *lines, order_id="O-1", site="HALL", **said):
        quantities = tuple((str(line_no), quantity) for line_no, quantity in lines)
        return self.do(PlanShipment(order_id=order_id, lines=quantities, site=site, **said)).key

    def pack(self, shipment_id, *, order_id="O-1", **said):
        return self.do(Pack(order_id=order_id, shipment_id=shipment_id, **said))

    def ship(self, shipment_id, *, order_id="O-1", **said):
        return self.do(Ship(order_id=order_id, shipment_id=shipment_id, **said))

    def deliver(self, shipment_id, *, order_id="O-1", **said):
        said = {"proof": f"POD-{shipment_id}", "delivered_at": self.now, **said}
        return self.do(ProveDelivery(order_id=order_id, shipment_id=shipment_id, **said))

    def send(self, *lines, **said):
        """Plan, pack and ship."""
        shipment_id = self.plan(*lines, **said)
        self.pack(shipment_id)
        self.ship(shipment_id)
        return shipment_id

    def ready(self, quantity=10, **ask):
        """An order in execution, made and inspected."""
        self.order(quantities=(quantity,), **ask)
        self.release()
        self.supply(quantity=quantity, pegs=(("O-1", "10", quantity),))
        self.report(good=quantity)
        self.inspect(quantity)

    def get(self, kind, key):
        stored = self.desk.store.load(f"{kind.KIND}/{key}")
        return None if stored is None else unpack(kind, stored.text, stored.apart)

    def case(self, order_id="O-1"):
        return self.get(OrderCase, order_id)

    def counts(self, order_id="O-1", line_no="10"):
        return self.case(order_id).line(line_no).counts

    def made(self, supply_id="M-1"):
        return self.get(SupplyOrder, supply_id)

    def stock(self, item_id="CHAIR", site="HALL"):
        return self.get(StockLedger, f"{item_id}@{site}") or StockLedger(item_id=item_id, site=site)
