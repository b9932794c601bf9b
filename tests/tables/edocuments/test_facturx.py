"""Invoices leave as Factur-X: valid by the schema, with the same sums, alone and inside a PDF."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.stages.settle.world import FAY, SAM, build_desk, build_line, give_order, reach, ship

from orderopt.errors import OrderOptError
from orderopt.models.life.billing import BillingTerms, ChargeCode
from orderopt.models.life.party import Party
from orderopt.models.life.seller import Seller
from orderopt.models.life.states import OrderState
from orderopt.stages.settle.agree import AgreeCharge
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.credit import IssueCreditNote
from orderopt.stages.settle.deposit import IssueDeposit
from orderopt.tables.edocuments.facturx import build_cii, embed_in_pdf, read_cii
from orderopt.views.invoice_page import draw_invoice

pytest.importorskip("facturx")
etree = pytest.importorskip("lxml.etree")

SELLER = Seller(
    name="Schrauben AG", street="Weg 1", postcode="1010", city="Wien", country="AT", vat_id="ATU12345678", iban="x"
)
BUYER = Party(name="Ann & Søn", street="Gade 2", postcode="2100", city="København", country="DK")


@pytest.fixture
def documents():
    """A deposit, an invoice that takes it off and bears freight, and a credit note over a part of it."""
    desk = build_desk()
    lines = (build_line("1", "3", "33.335", discount="0.05"), build_line("2", "7", "1.99", tax=None))
    give_order(
        desk,
        *lines,
        state=OrderState.CONFIRMED,
        billing=BillingTerms(deposit=Decimal("0.3")),
        party=BUYER,
        customer_po="PO-77",
    )
    deposit = desk.do(IssueDeposit(order_id="O-1"), by=FAY)
    freight = AgreeCharge(
        order_id="O-1", charge_id="F1", code=ChargeCode.FREIGHT, amount=Decimal("9.90"), tax_code="LOW"
    )
    desk.do(freight, by=SAM)
    reach(desk, OrderState.IN_EXECUTION)
    ship(desk, 3)
    ship(desk, 7, "2")
    invoice = desk.do(IssueInvoice(order_id="O-1"), by=FAY)
    note = desk.do(IssueCreditNote(number=invoice.number, reason="bent", quantities=(("1", Decimal(1)),)), by=FAY)
    return deposit, invoice, note


def read_value(xml, name):
    return [node.text for node in etree.fromstring(xml).iter() if etree.QName(node).localname == name]


def test_every_kind_of_document_is_valid_and_keeps_its_sums(documents):
    issued = {one.number: one.issued_on for one in documents}
    for document, code in zip(documents, ("386", "380", "381"), strict=True):
        xml = build_cii(document, SELLER, issued=issued, units={"bolt": "pcs"})
        assert code in read_value(xml, "TypeCode")
        assert read_value(xml, "GrandTotalAmount") == [str(document.gross)]
        assert read_value(xml, "TaxTotalAmount") == [str(document.tax)]
        totals = [Decimal(text) for text in read_value(xml, "LineTotalAmount")]
        assert sum(totals[:-1]) == totals[-1] == document.net
        assert "Ann & Søn" in read_value(xml, "Name")


def test_it_goes_into_a_pdf_and_comes_out_again(documents):
    _, invoice, _ = documents
    pytest.importorskip("matplotlib")
    xml = build_cii(invoice, SELLER)
    page = draw_invoice(invoice, SELLER)
    assert page == draw_invoice(invoice, SELLER)
    assert read_cii(embed_in_pdf(page, xml)) == xml


def test_a_buyer_without_a_country_is_refused(documents):
    _, invoice, _ = documents
    unknown = invoice.model_copy(update={"buyer": Party(name="Ann")})
    with pytest.raises(OrderOptError, match="needs the buyer's country"):
        build_cii(unknown, SELLER)


def test_what_the_schema_refuses_is_said(documents):
    _, invoice, _ = documents
    broken = invoice.lines[0].model_copy(update={"tax_category": "S" * 200})
    with pytest.raises(OrderOptError, match="Factur-X refuses the invoice"):
        build_cii(invoice.model_copy(update={"currency": "ZZZ", "lines": (broken,)}), SELLER)
