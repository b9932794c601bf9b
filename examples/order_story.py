# %% [markdown]
# # An order's whole life
# A shop's export comes in, two people review the order, it is planned, made with some scrap, changed, shipped in two
# parts, returned in part, invoiced, paid and closed. Everything goes through one desk and is kept as events.

# %%
from datetime import UTC, date, timedelta
from decimal import Decimal
from pathlib import Path

import orderopt as oo
from orderopt.desk import OrderDesk
from orderopt.models.life.desk_policy import DeskPolicy, SettlementPolicy
from orderopt.models.life.roles import Actor, Role
from orderopt.stages.master import PutMaster
from orderopt.stages.settle.rates import SetTaxRate
from orderopt.stages.stock import CountStock
from orderopt.storage.opening import open_store

here = Path(__file__).parent if "__file__" in globals() else Path()
snapshot = oo.read_snapshot(here / "small")
begin = snapshot.settings.horizon_start
policy = DeskPolicy(timezone="Europe/Berlin", settlement=SettlementPolicy(tax_code="DE19"))
desk = OrderDesk(open_store("orders.db", create=True), policy=policy)

root, sam = Actor.of("root", Role.ADMINISTRATOR), Actor.of("sam", Role.SALES)
alice, bob = Actor.of("alice", Role.FIRST_REVIEWER), Actor.of("bob", Role.SECOND_REVIEWER)
paula, fay = Actor.of("paula", Role.PLANNER, Role.PURCHASING), Actor.of("fay", Role.FINANCE)
mes, will = Actor.of("mes", Role.SHOP_FLOOR), Actor.of("will", Role.WAREHOUSE)


def do(command, by, days):
    """Give a command so many days after the story begins."""
    return desk.do(command, by=by, at=begin + timedelta(days=days))


do(PutMaster.of(snapshot), root, 0)
for stock in snapshot.stock:
    do(CountStock(item_id=stock.item_id, site=stock.site or "", on_hand=stock.on_hand, reason="count"), root, 0)
do(SetTaxRate(code="DE19", rate=Decimal("0.19"), starts_on=date(2007, 1, 1)), fay, 0)

# %% [markdown]
# ## Intake
# A mapping says how the channel writes; the same file twice adds nothing.

# %%
from orderopt.stages.intake.receive_batch import ReceiveBatch
from orderopt.tables.channels.deliveries import read_delivery

Path("shop.csv").write_text(
    "order-id,buyer-id,sku,quantity,deliver by,item-price,currency,Shipping Name\n"
    "M-1,NORDLICHT,CHAIR-RED,20,2026-05-22,79.00,EUR,A. Person\n"
    "M-1,NORDLICHT,CHAIR-BLUE,10,2026-05-22,84.50,EUR,A. Person\n"
)
mapping = {"extends": "marketplace", "constants": {"prices_include_tax": "0"}}
for _ in range(2):
    report = do(ReceiveBatch(delivery=read_delivery("shop.csv", mapping)), sam, 0.1)
    print(report.num_accepted, "rows in orders,", report.num_quarantined, "in quarantine, known:", report.is_known)

# %% [markdown]
# ## Two reviews
# The first looks at customer, items and prices, the second at dates, terms, credit and stock. Two different people.

# %%
from orderopt.stages.confirm.confirm import PassSecondary
from orderopt.stages.intake.submit import Submit
from orderopt.stages.queries import ListOrders
from orderopt.stages.review.first import CheckOrder, Claim, OverrideWarning, PassPrimary

(row,) = do(ListOrders(), sam, 0.1)
order = row.order_id
do(Submit(order_id=order), sam, 0.2)
for stage, reviewer, passing in (("primary", alice, PassPrimary), ("secondary", bob, PassSecondary)):
    do(Claim(order_id=order), reviewer, 0.3)
    for check in do(CheckOrder(order_id=order, stage=stage), reviewer, 0.3):
        print(stage, check.answer, check.code, check.says)
        if check.answer == "warn" and check.hold is None:
            override = OverrideWarning(order_id=order, rule=check.rule, line_no=check.line_no, code="AGREED")
            do(override, reviewer, 0.3)
    case = do(passing(order_id=order), reviewer, 0.3)
print(case.state, "promised for", case.promised_at)

# %% [markdown]
# ## Plan
# The planner's snapshot comes from the store, and the plan goes back into it: supply orders, reservations, promises.

# %%
from orderopt.stages.adopt import AdoptPlan
from orderopt.stages.gather import GatherSnapshot

plan = oo.plan(do(GatherSnapshot(), paula, 1), strategy="dispatch", time_limit=60, workers=1)
do(AdoptPlan(plan_id="P1", plan=plan), paula, 1)
plan

# %% [markdown]
# ## Make
# Supply is released and reported on; of the chairs one is scrapped and made again. What is made is inspected.

# %%
from orderopt.models.life.progress import Report, ReportKind
from orderopt.stages.track.inspect import Inspect, InspectStock
from orderopt.stages.track.release import FirmSupply, ReleaseSupply
from orderopt.stages.track.report import ReportProgress
from orderopt.stages.track.take import IssueMaterial

jobs = plan.jobs.sort_values("available_at")
names = [*(f"P1-{name}" for name in plan.purchases.purchase_id), *(f"P1-{name}" for name in jobs.job_id)]
for name in names:
    do(FirmSupply(supply_id=name), paula, 1.1)
    do(ReleaseSupply(supply_id=name), paula, 1.2)
sites = {job.job_id: desk.master.unit[job.unit_id].site for job in jobs.itertuples()}
made = {f"P1-{job.job_id}": (job.item_id, job.good_quantity) for job in jobs.itertuples()}
bought = {f"P1-{one.purchase_id}": (one.item_id, one.quantity) for one in plan.purchases.itertuples()}
for number, (name, (item, quantity)) in enumerate((bought | made).items()):
    scrap = Decimal(1) if item == "CHAIR-RED" else Decimal(0)
    at = begin + timedelta(days=2 + number / 10)
    first = Report(
        source="mes", report_id=f"{name}-1", kind=ReportKind.COUNTED, happened_at=at, good=quantity - scrap, scrap=scrap
    )
    last = Report(source="mes", report_id=f"{name}-2", kind=ReportKind.FINISHED, happened_at=at, good=scrap)
    needs = plan.pegging[plan.pegging.demand_id == name.removeprefix("P1-")]
    for peg in needs.itertuples():
        site = sites.get(peg.supply_id, peg.supply_id.partition("@")[2])
        do(IssueMaterial(supply_id=name, item_id=peg.item_id, site=site, quantity=peg.quantity), will, 3)
    for told in (last, first, first):  # out of order and twice: it counts once
        print(name, item, do(ReportProgress(supply_id=name, report=told), mes, 3))
    if not item.startswith("CHAIR"):
        place = {
            "item_id": item,
            "site": sites.get(name.removeprefix("P1-"), ""),
            "source": "lab",
            "inspection_id": name,
        }
        do(InspectStock(**place, passed=quantity, supply_id=name), mes, 3)

# %%
from orderopt.stages.queries import ShowOrder

for line in do(ShowOrder(order_id=order), sam, 4).lines:
    if line.counts.uninspected:
        passed = {"passed": line.counts.uninspected, "source": "lab", "inspection_id": f"Q{line.line_no}"}
        do(Inspect(order_id=order, line_no=line.line_no, **passed), mes, 4)

# %% [markdown]
# ## A change
# Two blue chairs less: assessed, agreed to by those whom it concerns, applied at once.

# %%
from orderopt.models.life.amendment import QuantityAmended
from orderopt.stages.change.assess import AssessChange
from orderopt.stages.change.request import ApplyChange, ApproveChange, DraftChange, SubmitChange

blue = next(line for line in do(ShowOrder(order_id=order), sam, 5).lines if line.ask.item_id == "CHAIR-BLUE")
fewer = QuantityAmended(line_no=blue.line_no, after=Decimal(8))
request = do(DraftChange(order_id=order, amendments=(fewer,), reason="smaller room"), sam, 5)
change = {"order_id": order, "change_id": request.change_id}
do(SubmitChange(**change), sam, 5)
impact = do(AssessChange(**change), sam, 5).impact
print("must agree:", *impact.approvers, "| other orders hurt:", len(impact.hurts), "| value:", impact.value)
boss = Actor.of("boss", *impact.approvers, Role.SECOND_REVIEWER)
do(ApproveChange(**change), boss, 5)
do(ApplyChange(**change), boss, 5)

# %% [markdown]
# ## Ship, invoice, take one back

# %%
from orderopt.models.life.returns import ReturnOutcome
from orderopt.stages.complete.complete import Complete
from orderopt.stages.settle.accept import AcceptReturn
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.ship_out.deliver import ProveDelivery
from orderopt.stages.ship_out.leave import Pack, Ship
from orderopt.stages.ship_out.plan_shipment import PlanShipment
from orderopt.stages.take_back.receive import AnnounceReturn, ReceiveReturn

invoices = []
for number, share in ((1, Decimal("0.5")), (2, Decimal(1))):
    lines = [(line.line_no, line.counts.open * share) for line in do(ShowOrder(order_id=order), sam, 9).lines]
    shipment = do(PlanShipment(order_id=order, lines=tuple(lines), site="KIEL"), will, 9 + number)
    shipped = {"order_id": order, "shipment_id": shipment.key}
    do(Pack(**shipped), will, 9 + number)
    do(Ship(**shipped, carrier="dhl"), will, 9 + number)
    invoices.append(do(IssueInvoice(**shipped), fay, 9 + number))
    arrived = begin + timedelta(days=9.5 + number)
    do(ProveDelivery(**shipped, proof=f"POD-{number}", delivered_at=arrived), will, 9.6 + number)
print(do(Complete(order_id=order), sam, 12))

red = next(line.line_no for line in do(ShowOrder(order_id=order), sam, 12).lines if line.ask.item_id == "CHAIR-RED")
one = ((red, Decimal(1)),)
back = {"order_id": order, "return_id": do(AnnounceReturn(order_id=order, lines=one, reason="SCRATCHED"), sam, 13)}
do(ReceiveReturn(**back, source="gate", arrival_id="A1", quantities=one, site="KIEL"), will, 15)
credited = do(AcceptReturn(**back, lines=((red, Decimal(1), ReturnOutcome.CREDIT),)), sam, 16)
print([(invoice.number, invoice.gross) for invoice in invoices], "credited by", *credited)

# %% [markdown]
# ## Pay, settle, close

# %%
from orderopt.stages.settle.pay import RecordPayment
from orderopt.stages.settle.settle import CloseOrder, SettleOrder

owed = sum(invoice.gross for invoice in invoices) - Decimal("94.01")
day = date(2026, 5, 24)
paid = RecordPayment(payment_id="BANK-1", customer_id="NORDLICHT", amount=owed, currency="EUR", value_on=day)
do(paid, fay, 20)
print(do(SettleOrder(order_id=order), fay, 21).state)
print(do(CloseOrder(order_id=order), fay, 60).state)
assert owed == (Decimal(19) * 79 + 8 * Decimal("84.50")) * Decimal("1.19")

# %% [markdown]
# ## What happened
# Each event says who, acting as what; the shop floor sees neither names nor prices.

# %%
from orderopt.stages.queries import ShowHistory
from orderopt.storage.verify import verify

for row in do(ShowHistory(order_id=order), mes, 61):
    print(row.version, row.at.astimezone(UTC).date(), row.actor, row.role, row.type)
assert "A. Person" not in str(do(ShowHistory(order_id=order), mes, 61))
audit = verify(desk.store)
for fault in audit.findings:
    print(fault)
print(audit.streams, "streams,", audit.events, "events,", len(audit.findings), "faults")
assert not audit.findings
