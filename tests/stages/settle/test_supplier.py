"""Suppliers' invoices: the three-way match, what is owed, and the end of a supply order."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.stages.settle.world import (
    FAY,
    FOX,
    NOW,
    SAM,
    TODAY,
    DocumentGiven,
    Give,
    build_desk,
    build_line,
    give_order,
    load,
    ship,
)

from orderopt.errors import GuardError, NotAllowedError
from orderopt.models.life.account import Account, PartyKind
from orderopt.models.life.desk_policy import SettlementPolicy
from orderopt.models.life.happened.supply import SupplyCounted
from orderopt.models.life.roles import Role
from orderopt.models.life.states import BillState, SupplyState
from orderopt.models.life.supplier_invoice import BillLine, MatchCode, SupplierInvoice
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder, SupplyPeg
from orderopt.stages.book import Command, does
from orderopt.stages.settle.ageing import ReportAgeing
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.margin import ShowMargin
from orderopt.stages.settle.match import (
    ApproveSupplierInvoice,
    MatchSupplierInvoice,
    RecordSupplierInvoice,
    RejectSupplierInvoice,
    find_supply_lack,
)
from orderopt.stages.settle.pay import ReversePayment
from orderopt.stages.settle.pay_supplier import PaySupplier


class Receive(Command):
    ROLES = frozenset(Role)
    supply_id: str
    quantity: Decimal


class FindLack(Command):
    ROLES = frozenset(Role)
    supply_id: str


@does(Receive)
def receive(command, book):
    return book.record(book.need(SupplyOrder, command.supply_id), SupplyCounted(done=command.quantity))


@does(FindLack)
def find_lack(command, book):
    return [one.code for one in find_supply_lack(book.need(SupplyOrder, command.supply_id), book)]


def give_supply(desk, supply_id="B-1", *, quantity="100", done="100", cost="2.00", kind="buy", pegs=(), scrapped="0"):
    supply = SupplyOrder(
        supply_id=supply_id,
        kind=SupplyKind(kind),
        item_id="steel",
        source_id="S1",
        quantity=Decimal(quantity),
        done=Decimal(done),
        scrapped=Decimal(scrapped),
        due_at=NOW,
        state=SupplyState.DONE,
        unit_cost=None if cost is None else Decimal(cost),
        pegs=tuple(pegs),
    )
    desk.do(Give(fact=DocumentGiven(supply=supply)), by=SAM)


def build_bill(quantity="100", price="2.00", *, number="A-7", supply_id="B-1", supplier="S1", tax="38.00"):
    net = (Decimal(quantity) * Decimal(price)).quantize(Decimal("0.01"))
    line = BillLine(
        no="1",
        supply_id=supply_id,
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        net=net,
        tax=Decimal(tax),
        tax_rate=Decimal("0.19"),
    )
    return RecordSupplierInvoice(
        supplier_id=supplier, number=number, issued_on=TODAY, due_on=TODAY, currency="EUR", lines=(line,)
    )


def payable(desk):
    account = load(desk, Account, "supplier:S1")
    return account.payable if account else 0


def test_an_invoice_that_matches_is_owed_and_paid_once():
    desk = build_desk()
    give_supply(desk)
    found = desk.do(build_bill(), by=FAY)
    assert (found.state, found.lines[0].match.codes, payable(desk)) == (BillState.MATCHED, (), 238)
    assert desk.do(build_bill(), by=FAY) == found
    with pytest.raises(GuardError, match="BILL_DIFFERS"):
        desk.do(build_bill("99"), by=FAY)
    assert desk.do(FindLack(supply_id="B-1"), by=SAM) == ["NOT_PAID"]
    for _ in range(2):
        desk.do(
            PaySupplier(payment_id="T-1", supplier_id="S1", amount=Decimal(238), currency="EUR", value_on=TODAY),
            by=FAY,
        )
    assert (payable(desk), load(desk, SupplierInvoice, "S1:A-7").open) == (0, 0)
    assert desk.do(FindLack(supply_id="B-1"), by=SAM) == []
    desk.do(ReversePayment(payment_id="T-1", reason="wrong account"), by=FAY)
    assert (payable(desk), load(desk, SupplierInvoice, "S1:A-7").open) == (238, 238)


@pytest.mark.parametrize(
    ("supply", "bill", "codes"),
    [
        ({}, {"supply_id": "B-9"}, [MatchCode.UNKNOWN_SUPPLY]),
        ({}, {"supplier": "S2"}, [MatchCode.OTHER_SUPPLIER]),
        ({"done": "0"}, {}, [MatchCode.NOT_RECEIVED]),
        ({"done": "60"}, {}, [MatchCode.ABOVE_RECEIVED]),
        ({}, {"quantity": "101"}, [MatchCode.ABOVE_RECEIVED, MatchCode.ABOVE_ORDERED]),
        ({}, {"price": "2.01"}, [MatchCode.PRICE_ABOVE]),
        ({}, {"price": "1.99"}, []),
        ({"cost": None}, {}, [MatchCode.PRICE_UNKNOWN]),
    ],
)
def test_a_line_that_does_not_match_says_why(supply, bill, codes):
    desk = build_desk()
    give_supply(desk, **supply)
    found = desk.do(build_bill(**bill), by=FAY)
    assert list(found.lines[0].match.codes) == codes
    assert found.state is (BillState.HELD if codes else BillState.MATCHED)


@pytest.mark.parametrize(
    ("policy", "bill"),
    [
        ({"match_quantity": "0.01"}, {"quantity": "101"}),
        ({"match_price": "0.005"}, {"price": "2.01"}),
        ({"match_amount": "1.00"}, {"price": "2.01"}),
    ],
)
def test_tolerances_let_small_differences_pass(policy, bill):
    desk = build_desk(settlement=SettlementPolicy(**policy))
    give_supply(desk)
    assert desk.do(build_bill(**bill), by=FAY).is_matched


def test_two_invoices_over_one_supply_are_added_up():
    desk = build_desk()
    give_supply(desk)
    assert desk.do(build_bill("60", tax="0"), by=FAY).is_matched
    second = desk.do(build_bill("60", tax="0", number="A-8"), by=FAY)
    assert second.lines[0].match.invoiced == 120
    assert payable(desk) == 120
    desk.do(RejectSupplierInvoice(supplier_id="S1", number="A-8", reason="60 were invoiced before"), by=FAY)
    assert load(desk, SupplyOrder, "B-1").invoiced == 60
    assert desk.do(build_bill("40", tax="0", number="A-9"), by=FAY).is_matched


def test_a_late_receipt_releases_the_invoice():
    desk = build_desk()
    give_supply(desk, done="0")
    desk.do(build_bill(), by=FAY)
    assert payable(desk) == 0
    desk.do(Receive(supply_id="B-1", quantity=Decimal(100)), by=SAM)
    found = desk.do(MatchSupplierInvoice(supplier_id="S1", number="A-7"), by=FAY)
    assert (found.state, payable(desk)) == (BillState.MATCHED, 238)


def test_who_recorded_an_invoice_may_not_approve_it():
    desk = build_desk()
    give_supply(desk)
    desk.do(build_bill(price="3.00"), by=FAY)
    approval = ApproveSupplierInvoice(supplier_id="S1", number="A-7", reason="agreed by phone")
    with pytest.raises(NotAllowedError, match="someone else must approve"):
        desk.do(approval, by=FAY)
    assert desk.do(approval, by=FOX).state is BillState.APPROVED
    assert payable(desk) == 338


def test_a_line_must_be_quantity_times_price():
    desk = build_desk()
    give_supply(desk)
    bill = build_bill()
    wrong = bill.lines[0].model_copy(update={"net": Decimal("201.00")})
    with pytest.raises(GuardError, match="LINE_SUM"):
        desk.do(bill.model_copy(update={"lines": (wrong,)}), by=FAY)


def test_what_is_owed_to_suppliers_ages():
    desk = build_desk()
    give_supply(desk)
    desk.do(build_bill(), by=FAY)
    (row,) = desk.do(ReportAgeing(party=PartyKind.SUPPLIER, on=TODAY + timedelta(days=31)), by=FAY)
    assert (row.party_id, row.to_60, row.total) == ("S1", 238, 238)


def test_the_margin_counts_material_production_freight_and_scrap_by_pegged_share():
    desk = build_desk()
    give_order(desk, build_line(quantity="10", price="100.00"))
    ship(desk, 10)
    desk.do(IssueInvoice(order_id="O-1"), by=FAY)
    mine = SupplyPeg(order_id="O-1", line_no="1", quantity=Decimal(10))
    other = SupplyPeg(order_id="O-2", line_no="1", quantity=Decimal(10))
    give_supply(desk, "M-1", kind="make", quantity="20", done="20", scrapped="2", cost="5.00", pegs=(mine, other))
    into = SupplyPeg(supply_id="M-1", quantity=Decimal(40))
    give_supply(desk, "B-1", quantity="50", done="50", cost="2.00", pegs=(into,))
    give_supply(desk, "V-1", kind="move", quantity="10", done="10", cost="0.30", pegs=(mine,))
    give_supply(desk, "V-2", kind="move", quantity="10", done="10", cost=None, pegs=(mine,))
    found = desk.do(ShowMargin(order_id="O-1"), by=FAY)
    assert (found.revenue, found.production, found.material, found.freight) == (1000, 50, 40, 3)
    assert found.scrap == 5
    assert found.margin == 902
    assert found.unknown == ("V-2",)
