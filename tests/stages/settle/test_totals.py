"""Whatever is ordered, shipped, credited and paid, in whatever parts: all totals reconcile to the cent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.stages.settle.world import FAY, TODAY, build_desk, build_line, give_order, load, ship

from orderopt.errors import CommandError
from orderopt.models.life.account import Account
from orderopt.models.life.amounts import Residual, Rounding, find_unit
from orderopt.models.life.billing import BillingMethod, BillingTerms, RoundingLevel
from orderopt.models.life.bills import OrderBills
from orderopt.models.life.invoice import Invoice, InvoiceLine
from orderopt.models.life.money_audit import MoneyAudit
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.payment import Payment
from orderopt.models.life.states import OrderState
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.credit import IssueCreditNote
from orderopt.stages.settle.deposit import IssueDeposit
from orderopt.stages.settle.dispute import WriteOff
from orderopt.stages.settle.pay import AllocateCredit, RecordPayment, ReversePayment, SettlePayment
from orderopt.stages.settle.price import Draft, find_tax, price_lines
from orderopt.stages.settle.refund import RefundCredit
from orderopt.stages.settle.statement import ShowStatement

CENT = Decimal("0.01")
RATES = {"VAT": Decimal("0.19"), "LOW": Decimal("0.07"), None: Decimal(0)}
prices = st.decimals(0, 200, places=4)
quantities = st.integers(1, 12)
terms = st.builds(
    BillingTerms,
    rounding=st.sampled_from(Rounding),
    level=st.sampled_from(RoundingLevel),
    residual=st.sampled_from(Residual),
)
asks = st.lists(
    st.tuples(quantities, prices, st.sampled_from(list(RATES)), st.sampled_from(["0", "0.05", "0.333"])),
    min_size=1,
    max_size=4,
)
quick = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])


def build_lines(given_asks):
    return [
        build_line(str(position), str(quantity), str(price), tax=code, discount=discount)
        for position, (quantity, price, code, discount) in enumerate(given_asks, start=1)
    ]


@given(
    st.lists(st.tuples(st.decimals(-500, 500, places=6), st.sampled_from(list(RATES))), min_size=1, max_size=8),
    terms,
    st.booleans(),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_the_lines_are_the_document_and_the_tax_is_that_of_its_base(amounts, agreed, includes_tax, currency):
    unit = find_unit(currency)
    drafts = [
        Draft(
            line=InvoiceLine(no=str(number), tax_code=code, tax_rate=RATES[code], net=Decimal(0), tax=Decimal(0)),
            exact=amount,
        )
        for number, (amount, code) in enumerate(amounts)
    ]
    lines = price_lines(drafts, includes_tax=includes_tax, unit=unit, terms=agreed)
    assert [line.no for line in lines] == [draft.line.no for draft in drafts]
    for code, rate in RATES.items():
        mine = [line for line in lines if line.tax_code == code]
        base = sum((line.gross if includes_tax else line.net for line in mine), Decimal(0))
        tax = sum((line.tax for line in mine), Decimal(0))
        exact = sum((amount for amount, other in amounts if other == code), Decimal(0))
        of_base = find_tax(base, rate, includes_tax=includes_tax)
        if agreed.level is RoundingLevel.DOCUMENT:
            assert abs(base - exact) < unit
            assert abs(tax - of_base) < unit
            assert sum(1 for line in mine if line.residual or line.tax_residual) <= 1
        else:
            assert abs(base - exact) < unit * len(mine) or not mine
            assert abs(tax - of_base) < unit * len(mine) or not mine


@given(st.decimals("0.01", 100_000, places=2), st.sampled_from(["0.05", "0.07", "0.19", "0.2", "0.255"]))
def test_gross_to_net_to_gross_is_a_round_trip(gross, rate):
    def price(amount, *, includes_tax):
        line = InvoiceLine(no="1", tax_rate=Decimal(rate), net=Decimal(0), tax=Decimal(0))
        return price_lines(
            [Draft(line=line, exact=amount)], includes_tax=includes_tax, unit=CENT, terms=BillingTerms()
        )[0]

    inclusive = price(gross, includes_tax=True)
    assert inclusive.gross == gross
    assert abs(price(inclusive.net, includes_tax=False).gross - gross) <= CENT


@quick
@given(asks, terms, st.booleans(), st.data())
def test_partial_shipments_sum_to_the_whole_order_odoo_37896(given_asks, agreed, includes_tax, data):
    """However an order is shipped in parts, its invoices sum to what one invoice would have charged."""
    desk = build_desk()
    lines = build_lines(given_asks)
    give_order(desk, *lines, billing=agreed, prices_include_tax=includes_tax)
    left = {line.line_no: int(line.quantity) for line in lines}
    documents = []
    while any(left.values()):
        name = data.draw(st.sampled_from([name for name, count in left.items() if count]))
        part = data.draw(st.integers(1, left[name]))
        left[name] -= part
        ship(desk, part, name)
        if data.draw(st.booleans()) or not any(left.values()):
            documents.append(desk.do(IssueInvoice(order_id="O-1"), by=FAY))
    bills = OrderBills.of(documents)
    exact = {line.line_no: line.quantity * line.unit_price * (1 - line.discount) for line in lines}
    charged = {
        name: sum((x.gross if includes_tax else x.net for _, x in bills.lines() if x.order_line == name), Decimal(0))
        for name in exact
    }
    if agreed.rounding is Rounding.HALF_UP and agreed.level is RoundingLevel.LINE:
        assert charged == {name: value.quantize(CENT, ROUND_HALF_UP) for name, value in exact.items()}
    for code in RATES:
        names = [line.line_no for line in lines if line.tax_code == code]
        allowed = CENT if agreed.level is RoundingLevel.DOCUMENT else CENT * max(1, len(names))
        gap = abs(sum((charged[name] - exact[name] for name in names), Decimal(0)))
        assert gap < allowed or agreed.rounding is not Rounding.HALF_UP
    statement = desk.do(ShowStatement(order_id="O-1"), by=FAY)
    assert statement.findings == ()
    assert statement.payable == load(desk, Account, "customer:C1").receivable


@quick
@given(asks, terms, st.booleans())
def test_a_credited_invoice_leaves_exactly_nothing_odoo_13687(given_asks, agreed, includes_tax):
    desk = build_desk()
    lines = build_lines(given_asks)
    give_order(desk, *lines, billing=agreed, prices_include_tax=includes_tax)
    for line in lines:
        ship(desk, line.quantity, line.line_no)
    found = desk.do(IssueInvoice(order_id="O-1"), by=FAY)
    note = desk.do(IssueCreditNote(number=found.number, reason="all of it"), by=FAY)
    assert (note.net, note.tax) == (found.net, found.tax)
    assert [x.net for x in note.taxes] == [x.net for x in found.taxes]
    assert load(desk, Account, "customer:C1").items == ()
    assert desk.do(ShowStatement(order_id="O-1"), by=FAY).payable == 0


class MoneyStory(RuleBasedStateMachine):
    """Random lawful and unlawful commands about one order's money; what is refused changes nothing."""

    def __init__(self):
        super().__init__()
        self.desk = build_desk(terms="2/10 net 30")
        self.count = 0
        lines = (build_line("1", "9", "3.335"), build_line("2", "5", "17.77", tax="LOW", discount="0.05"))
        give_order(self.desk, *lines, state=OrderState.IN_EXECUTION, billing=BillingTerms(deposit=Decimal("0.2")))
        self.shipped = {"1": 0, "2": 0}

    def do(self, command):
        before = list(self.desk.store.events())
        try:
            return self.desk.do(command, by=FAY)
        except CommandError:
            assert list(self.desk.store.events()) == before
            return None

    def bills(self):
        found = self.desk.store.find("invoice", {"order": "O-1"})
        return [load(self.desk, Invoice, one.stream.split("/", 1)[1]) for one in found]

    @rule(name=st.sampled_from("12"), part=st.integers(1, 4))
    def ship_some(self, name, part):
        part = min(part, {"1": 9, "2": 5}[name] - self.shipped[name])
        if part:
            self.shipped[name] += part
            ship(self.desk, part, name)

    @rule()
    def invoice(self):
        self.do(IssueInvoice(order_id="O-1"))

    @rule()
    def ask_for_deposit(self):
        self.do(IssueDeposit(order_id="O-1"))

    @precondition(lambda self: self.bills())
    @rule(data=st.data(), quantity=st.integers(1, 4))
    def credit(self, data, quantity):
        document = data.draw(st.sampled_from(self.bills()))
        line = data.draw(st.sampled_from(document.lines))
        way = data.draw(st.sampled_from(["whole", "quantity", "amount"]))
        quantities = ((line.no, Decimal(quantity)),) if way == "quantity" else ()
        allowances = ((line.no, Decimal(quantity)),) if way == "amount" else ()
        self.do(IssueCreditNote(number=document.number, reason="x", quantities=quantities, allowances=allowances))

    @rule(amount=st.decimals("0.01", 150, places=2), settled=st.booleans())
    def pay(self, amount, settled):
        self.count += 1
        self.do(
            RecordPayment(
                payment_id=f"P-{self.count}",
                customer_id="C1",
                amount=amount,
                currency="EUR",
                value_on=TODAY,
                settled=settled,
            )
        )

    @precondition(lambda self: self.count)
    @rule(data=st.data(), way=st.sampled_from([SettlePayment, ReversePayment]))
    def step(self, data, way):
        name = f"P-{data.draw(st.integers(1, self.count))}"
        more = {"reason": "x"} if way is ReversePayment else {}
        if load(self.desk, Payment, name) is not None:
            self.do(way(payment_id=name, **more))

    @precondition(lambda self: load(self.desk, Account, "customer:C1"))
    @rule(data=st.data(), refunds=st.booleans())
    def use_credit(self, data, refunds):
        found = load(self.desk, Account, "customer:C1").credits
        if not found:
            return
        item = data.draw(st.sampled_from(found))
        if refunds:
            self.count += 1
            self.do(
                RefundCredit(
                    payment_id=f"P-{self.count}", customer_id="C1", ref=item.ref, amount=-item.open, value_on=TODAY
                )
            )
        else:
            self.do(AllocateCredit(customer_id="C1", ref=item.ref))

    @precondition(lambda self: self.bills())
    @rule(data=st.data(), amount=st.decimals("0.01", 20, places=2))
    def write_off(self, data, amount):
        self.do(WriteOff(number=data.draw(st.sampled_from(self.bills())).number, amount=amount, reason="x"))

    @invariant()
    def everything_reconciles(self):
        statement = self.desk.do(ShowStatement(order_id="O-1"), by=FAY)
        assert statement.findings == ()
        assert statement.invoiced - statement.credited == statement.payable
        let_off = statement.discounted + statement.written_off
        assert statement.open == statement.payable - statement.paid - let_off
        for document in statement.documents:
            assert document.gross == sum((line.gross for line in document.lines), Decimal(0))
        account = load(self.desk, Account, "customer:C1")
        if account:
            payments = [load(self.desk, Payment, f"P-{number}") for number in range(1, self.count + 1)]
            money = sum(
                ((-1 if one.is_refund else 1) * one.amount for one in payments if one and one.is_settled), Decimal(0)
            )
            assert account.balance == statement.payable - money - let_off

    @invariant()
    def all_documents_agree(self):
        audit = MoneyAudit()
        for kind in (OrderCase, Invoice, Payment, Account):
            for one in self.desk.store.find(kind.KIND):
                audit.look_at(load(self.desk, kind, one.stream.split("/", 1)[1]))
        assert list(audit.find_faults()) == []

    @invariant()
    def numbers_have_no_gaps(self):
        for series in ("INV-2026", "CN-2026"):
            numbers = sorted(one.number for one in self.bills() if one.number.startswith(series))
            assert numbers == [f"{series}-{number:05d}" for number in range(1, len(numbers) + 1)]


def test_random_stories_of_one_order_reconcile():
    often = settings(
        deadline=None, max_examples=25, stateful_step_count=25, suppress_health_check=[HealthCheck.too_slow]
    )
    run_state_machine_as_test(MoneyStory, settings=often)


def test_a_prepaid_order_is_invoiced_in_whole_and_no_more():
    desk = build_desk()
    give_order(desk, state=OrderState.CONFIRMED, billing=BillingTerms(method=BillingMethod.PREPAYMENT))
    desk.do(IssueInvoice(order_id="O-1"), by=FAY)
    assert desk.do(ShowStatement(order_id="O-1"), by=FAY).payable == Decimal("119.00")
