"""One order's whole life as a list of commands, each found from what the store says: it can be interrupted anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import orderopt
from orderopt.desk import OrderDesk
from orderopt.models.life.account import Account, PartyKind, name_account
from orderopt.models.life.amendment import QuantityAmended
from orderopt.models.life.desk_policy import DeskPolicy, SettlementPolicy, TrackingPolicy
from orderopt.models.life.document import unpack
from orderopt.models.life.incoming import IncomingHead, IncomingLine, IncomingOrder
from orderopt.models.life.notice import ANSWERS, Notice
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.progress import Report, ReportKind
from orderopt.models.life.returns import ReturnOutcome
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import SupplyState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder
from orderopt.models.snapshot import Snapshot
from orderopt.stages.adopt import AdoptPlan
from orderopt.stages.book import Command
from orderopt.stages.change.assess import AssessChange
from orderopt.stages.change.assessor import NoPlanning
from orderopt.stages.change.cancel import CancelOrder
from orderopt.stages.change.notices import AcknowledgeNotice
from orderopt.stages.change.request import ApplyChange, ApproveChange, DraftChange, SubmitChange
from orderopt.stages.complete.complete import Complete, GiveFeedback
from orderopt.stages.confirm.confirm import PassSecondary
from orderopt.stages.gather import GatherSnapshot
from orderopt.stages.intake.receive import ReceiveOrder
from orderopt.stages.intake.receive_batch import ReceiveBatch
from orderopt.stages.intake.submit import Submit
from orderopt.stages.master import PutMaster
from orderopt.stages.review.first import CheckOrder, Claim, OverrideWarning, PassPrimary
from orderopt.stages.settle.accept import AcceptReturn
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.pay import RecordPayment
from orderopt.stages.settle.rates import SetTaxRate
from orderopt.stages.settle.settle import CloseOrder, SettleOrder
from orderopt.stages.ship_out.deliver import ProveDelivery
from orderopt.stages.ship_out.leave import Pack, Ship
from orderopt.stages.ship_out.plan_shipment import PlanShipment
from orderopt.stages.stock import CountStock
from orderopt.stages.take_back.receive import AnnounceReturn, ReceiveReturn
from orderopt.stages.track.inspect import Inspect, InspectStock
from orderopt.stages.track.release import FirmSupply, ReleaseSupply
from orderopt.stages.track.report import ReportProgress
from orderopt.stages.track.take import IssueMaterial

BEGIN = datetime(2026, 5, 4, 6, tzinfo=UTC)
PEOPLE = {
    "root": Actor.of("root", Role.ADMINISTRATOR),
    "sam": Actor.of("sam", Role.SALES),
    "alice": Actor.of("alice", Role.FIRST_REVIEWER),
    "bob": Actor.of("bob", Role.SECOND_REVIEWER),
    "paula": Actor.of("paula", Role.PLANNER, Role.PURCHASING),
    "mes": Actor.of("mes", Role.SHOP_FLOOR),
    "will": Actor.of("will", Role.WAREHOUSE),
    "fay": Actor.of("fay", Role.FINANCE),
    "shop": Actor.of("shop", Role.CUSTOMER, customer_id="NORDLICHT"),
}
POLICY = DeskPolicy(
    timezone="Europe/Berlin",
    settlement=SettlementPolicy(tax_code="DE19"),
    tracking=TrackingPolicy(inspected_kinds=frozenset({SupplyKind.MAKE})),
)
EXPORT = (
    "order-id,buyer-id,sku,quantity,deliver by,item-price,currency,Shipping Name\n"
    "M-1,NORDLICHT,CHAIR-RED,20,2026-05-22,79.00,EUR,A. Person\n"
    "M-1,NORDLICHT,CHAIR-BLUE,10,2026-05-22,84.50,EUR,A. Person\n"
)
MAPPING = {"extends": "marketplace", "constants": {"prices_include_tax": "0"}}


class Step(NamedTuple):
    """Who gives which command, after how many days of the story."""

    who: str
    command: Command
    days: float


def build_desk(store: Any) -> OrderDesk:
    """Return the desk of the story; what changes do is told without planning."""
    return OrderDesk(store, policy=POLICY, assessor=NoPlanning())


def find(desk: OrderDesk, kind: type, key: str) -> Any:
    """Return a document as it is kept."""
    stored = desk.store.load(f"{kind.KIND}/{key}")
    return None if stored is None else unpack(kind, stored.text, stored.apart)


def find_all(desk: OrderDesk, kind: type) -> list[Any]:
    """Return all documents of a kind."""
    return [unpack(kind, stored.text, stored.apart) for stored in desk.store.find(kind.KIND)]


Part = Callable[[OrderDesk, str], Iterator[Step]]


def tell(desk: OrderDesk, delivery: Any) -> Iterator[Step]:
    """Yield the steps of the story, each found from what the store says when its turn comes."""
    yield from enter(desk, delivery)
    order_id = next(case.key for case in find_all(desk, OrderCase) if case.head.channel == "marketplace")
    for part in (review, plan, make, change, ship, take_back, settle):
        yield from part(desk, order_id)


def enter(desk: OrderDesk, delivery: Any) -> Iterator[Step]:
    """Master data, the marketplace's export, and the same order once more by a sales representative."""
    snapshot: Snapshot = orderopt.read_snapshot("examples/small")
    yield Step("root", PutMaster.of(snapshot), 0)
    for stock in snapshot.stock:
        counted = CountStock(
            item_id=stock.item_id,
            site=stock.site or "",
            on_hand=stock.on_hand,
            safety=stock.safety_stock,
            reason="count",
        )
        yield Step("root", counted, 0)
    yield Step("fay", SetTaxRate(code="DE19", rate=Decimal("0.19"), starts_on=date(2007, 1, 1)), 0)
    yield Step("sam", ReceiveBatch(delivery=delivery), 0.1)
    wanted = datetime(2026, 5, 22, tzinfo=UTC)
    lines = (
        IncomingLine(item_id="CHAIR-RED", quantity=Decimal(20), requested_at=wanted, unit_price=Decimal("79.00")),
        IncomingLine(item_id="CHAIR-BLUE", quantity=Decimal(10), requested_at=wanted, unit_price=Decimal("84.50")),
    )
    twin = IncomingOrder(head=IncomingHead(external_ref="R-9", customer_id="NORDLICHT", currency="EUR"), lines=lines)
    yield Step("sam", ReceiveOrder(channel="sales_rep", order=twin), 0.2)
    (second,) = [case.key for case in find_all(desk, OrderCase) if case.head.channel == "sales_rep"]
    yield Step("sam", CancelOrder(order_id=second, reason="entered twice"), 0.3)


def review(desk: OrderDesk, order_id: str) -> Iterator[Step]:
    """Two persons look at it; the second promises dates and reserves."""
    yield Step("sam", Submit(order_id=order_id), 0.4)
    yield Step("alice", Claim(order_id=order_id), 0.5)
    yield from answer_warnings(desk, order_id, "primary", "alice", 0.5)
    yield Step("alice", PassPrimary(order_id=order_id), 0.5)
    yield Step("bob", Claim(order_id=order_id), 0.6)
    yield from answer_warnings(desk, order_id, "secondary", "bob", 0.6)
    yield Step("bob", PassSecondary(order_id=order_id), 0.6)


def answer_warnings(desk: OrderDesk, order_id: str, stage: str, who: str, days: float) -> Iterator[Step]:
    """Somebody answers for each warning."""
    at = BEGIN + timedelta(days=days)
    for check in desk.do(CheckOrder(order_id=order_id, stage=stage), by=PEOPLE[who], at=at):
        if check.answer == "warn" and check.hold is None:
            override = OverrideWarning(order_id=order_id, rule=check.rule, line_no=check.line_no, code="AGREED")
            yield Step(who, override, days)


def plan(desk: OrderDesk, order_id: str) -> Iterator[Step]:
    """Plan what is confirmed, adopt the plan, and release what it proposes."""
    at = BEGIN + timedelta(days=1)
    snapshot = desk.do(GatherSnapshot(), by=PEOPLE["paula"], at=at)
    made = orderopt.plan(snapshot, strategy="dispatch", time_limit=60, workers=1)
    yield Step("paula", AdoptPlan(plan_id="P1", plan=made), 1)
    for supply in find_all(desk, SupplyOrder):
        if supply.state is SupplyState.PROPOSED:
            yield Step("paula", FirmSupply(supply_id=supply.key), 1.1)
            yield Step("paula", ReleaseSupply(supply_id=supply.key), 1.1)


def make(desk: OrderDesk, order_id: str) -> Iterator[Step]:
    """Everything that was released is made or comes; of the red chairs one is scrapped and one more made."""
    days = 2.0
    chairs = [supply for supply in find_all(desk, SupplyOrder) if supply.state is SupplyState.RELEASED]
    chairs.sort(key=lambda supply: (supply.item_id.startswith("CHAIR"), supply.due_at, supply.key))
    for supply in chairs:
        at = BEGIN + timedelta(days=days)
        for ledger in find_all(desk, StockLedger):
            if kept := ledger.reserved_for(supply.key):
                place = {"item_id": ledger.item_id, "site": ledger.site}
                yield Step("will", IssueMaterial(supply_id=supply.key, **place, quantity=kept), days)
        scrap = Decimal(1) if supply.item_id == "CHAIR-RED" else Decimal(0)
        names = {"source": "mes", "report_id": f"{supply.key}-1", "reason": "SCRATCH" if scrap else None}
        counted = Report(**names, kind=ReportKind.COUNTED, happened_at=at, good=supply.quantity - scrap, scrap=scrap)
        yield Step("mes", ReportProgress(supply_id=supply.key, report=counted), days)
        later = {"report_id": f"{supply.key}-2", "reason": None}
        ended = Report(**names | later, kind=ReportKind.FINISHED, happened_at=at + timedelta(hours=1), good=scrap)
        yield Step("mes", ReportProgress(supply_id=supply.key, report=ended), days + 0.1)
        if supply.kind is SupplyKind.MAKE and not supply.item_id.startswith("CHAIR"):
            place = {"item_id": supply.item_id, "site": supply.site, "source": "lab", "inspection_id": supply.key}
            yield Step("mes", InspectStock(**place, passed=supply.quantity, supply_id=supply.key), days + 0.1)
        days += 0.2
    for line in find(desk, OrderCase, order_id).lines:
        if line.counts.uninspected:
            names = {"line_no": line.line_no, "source": "lab", "inspection_id": f"Q-{line.line_no}"}
            passed = Inspect(order_id=order_id, **names, passed=line.counts.uninspected)
            yield Step("mes", passed, 8)


def change(desk: OrderDesk, order_id: str) -> Iterator[Step]:
    """The customer wants two blue chairs less; it is assessed, agreed to by all who must, and applied."""
    blue = next(line for line in find(desk, OrderCase, order_id).lines if line.ask.item_id == "CHAIR-BLUE")
    fewer = QuantityAmended(line_no=blue.line_no, after=Decimal(8))
    yield Step("shop", DraftChange(order_id=order_id, amendments=(fewer,), reason="smaller room"), 9)
    (request,) = find(desk, OrderCase, order_id).changes
    name = {"order_id": order_id, "change_id": request.change_id}
    yield Step("shop", SubmitChange(**name), 9)
    yield Step("sam", AssessChange(**name), 9.1)
    (request,) = find(desk, OrderCase, order_id).changes
    for role in request.impact.approvers:
        who = next(key for key, actor in PEOPLE.items() if role in actor.roles)
        yield Step(who, ApproveChange(**name), 9.2)
    yield Step("bob", ApplyChange(**name), 9.3)
    for notice in find(desk, OrderCase, order_id).notices:
        yield from acknowledge(order_id, notice)


def acknowledge(order_id: str, notice: Notice) -> Iterator[Step]:
    """The one whom a notice is for says that it was read."""
    who = next(key for key, actor in PEOPLE.items() if actor.roles & ANSWERS[notice.department])
    yield Step(who, AcknowledgeNotice(order_id=order_id, notice_id=notice.notice_id), 9.4)


def ship(desk: OrderDesk, order_id: str) -> Iterator[Step]:
    """Two shipments, each invoiced, then delivered; the order is complete."""
    for number, share in ((1, Decimal("0.5")), (2, Decimal(1))):
        days = 10.0 + number
        lines = tuple(
            (line.line_no, quantity)
            for line in find(desk, OrderCase, order_id).lines
            for quantity in [(line.counts.wanted - line.counts.shipped) * share]
            if quantity
        )
        yield Step("will", PlanShipment(order_id=order_id, lines=lines, site="KIEL"), days)
        shipment = find(desk, OrderCase, order_id).shipments[-1]
        name = {"order_id": order_id, "shipment_id": shipment.key}
        yield Step("will", Pack(**name), days)
        yield Step("will", Ship(**name, carrier="dhl", tracking_no=f"T{number}"), days)
        yield Step("fay", IssueInvoice(**name), days + 0.1)
        delivered = BEGIN + timedelta(days=days + 0.5)
        yield Step(
            "will",
            ProveDelivery(**name, proof=f"POD-{number}", delivered_at=delivered, signed_by="B. Porter"),
            days + 0.6,
        )
    yield Step("sam", Complete(order_id=order_id), 13)
    yield Step("shop", GiveFeedback(order_id=order_id, rating=4, says="one leg scratched"), 14)


def take_back(desk: OrderDesk, order_id: str) -> Iterator[Step]:
    """One red chair comes back and is credited."""
    red = next(line.line_no for line in find(desk, OrderCase, order_id).lines if line.ask.item_id == "CHAIR-RED")
    yield Step("shop", AnnounceReturn(order_id=order_id, lines=((red, Decimal(1)),), reason="SCRATCHED"), 14)
    back = find(desk, OrderCase, order_id).returns[-1].key
    name = {"order_id": order_id, "return_id": back}
    came = ReceiveReturn(**name, source="gate", arrival_id="A1", quantities=((red, Decimal(1)),), site="KIEL")
    yield Step("will", came, 16)
    yield Step("sam", AcceptReturn(**name, lines=((red, Decimal(1), ReturnOutcome.CREDIT),)), 17)


def settle(desk: OrderDesk, order_id: str) -> Iterator[Step]:
    """The customer pays what is open in two payments; the order is settled, and closed after the claim window."""
    owed = find_owed(desk)
    for number, amount in enumerate((Decimal("1000.00"), owed - Decimal("1000.00")), start=1):
        payment = RecordPayment(
            payment_id=f"BANK-{number}",
            customer_id="NORDLICHT",
            amount=amount,
            currency="EUR",
            value_on=date(2026, 5, 24),
        )
        yield Step("fay", payment, 20 + number)
    yield Step("fay", SettleOrder(order_id=order_id), 23)
    yield Step("fay", CloseOrder(order_id=order_id), 60)


def find_owed(desk: OrderDesk) -> Decimal:
    """Return what the customer owes."""
    account = find(desk, Account, name_account(PartyKind.CUSTOMER, "NORDLICHT"))
    return account.receivable


def play(desk: OrderDesk, step: Step) -> Any:
    """Give the command of a step at its moment."""
    return desk.do(step.command, by=PEOPLE[step.who], at=BEGIN + timedelta(days=step.days))
