"""Order-X orders, as XML and inside a PDF, go the same way as every other file."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from tests.stages.intake.desks import SALES, case_of, make_desk

from orderopt.errors import InputError
from orderopt.stages.intake.receive_batch import ReceiveBatch
from orderopt.tables.channels.deliveries import read_delivery

facturx = pytest.importorskip("facturx")

LINE = """
<ram:IncludedSupplyChainTradeLineItem>
  <ram:AssociatedDocumentLineDocument><ram:LineID>{number}</ram:LineID></ram:AssociatedDocumentLineDocument>
  <ram:SpecifiedTradeProduct><ram:SellerAssignedID>{item}</ram:SellerAssignedID></ram:SpecifiedTradeProduct>
  <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>{price}</ram:ChargeAmount>
    {basis}</ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
  <ram:SpecifiedLineTradeDelivery><ram:RequestedQuantity unitCode="{unit}">{quantity}</ram:RequestedQuantity>
  </ram:SpecifiedLineTradeDelivery>
  <ram:SpecifiedLineTradeSettlement>{allowance}<ram:SpecifiedTradeSettlementLineMonetarySummation>
    <ram:LineTotalAmount>{amount}</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation>
  </ram:SpecifiedLineTradeSettlement>
</ram:IncludedSupplyChainTradeLineItem>"""

MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:SCRDMCCBDACIOMessageStructure xmlns:rsm="urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:128"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:128">
<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>urn:order-x.eu:1p0:comfort</ram:ID>
  </ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>PO-4711</ram:ID><ram:TypeCode>{kind}</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="203">202601050730</udt:DateTimeString></ram:IssueDateTime>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>{lines}
<ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty><ram:Name>We</ram:Name></ram:SellerTradeParty>
  <ram:BuyerTradeParty><ram:ID>C-1</ram:ID><ram:Name>Café Ö</ram:Name><ram:PostalTradeAddress>
  <ram:PostcodeCode>1010</ram:PostcodeCode><ram:LineOne>Graben 1</ram:LineOne><ram:CityName>Wien</ram:CityName>
  <ram:CountryID>AT</ram:CountryID></ram:PostalTradeAddress></ram:BuyerTradeParty></ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery><ram:RequestedDeliverySupplyChainEvent><ram:OccurrenceDateTime>
  <udt:DateTimeString format="102">20260120</udt:DateTimeString></ram:OccurrenceDateTime>
  </ram:RequestedDeliverySupplyChainEvent></ram:ApplicableHeaderTradeDelivery>
<ram:ApplicableHeaderTradeSettlement><ram:OrderCurrencyCode>EUR</ram:OrderCurrencyCode>
  <ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:LineTotalAmount>{total}</ram:LineTotalAmount>
  <ram:TaxBasisTotalAmount>{total}</ram:TaxBasisTotalAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:SCRDMCCBDACIOMessageStructure>"""

ALLOWANCE = (
    "<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>false</udt:Indicator></ram:ChargeIndicator>"
    "<ram:ActualAmount>4.00</ram:ActualAmount></ram:SpecifiedTradeAllowanceCharge>"
)


def line(number: int, item: str, quantity: str, price: str, amount: str, unit: str = "H87", **more: str) -> str:
    said = {"basis": "", "allowance": "", **more}
    return LINE.format(number=number, item=item, quantity=quantity, price=price, amount=amount, unit=unit, **said)


def message(*lines: str, total: str, kind: str = "220") -> bytes:
    return MESSAGE.format(lines="".join(lines), total=total, kind=kind).encode()


def take_in(tmp_path, content: bytes, name: str = "order.xml", desk=None):
    path = tmp_path / name
    path.write_bytes(content)
    desk = desk or make_desk()
    return desk, desk.do(ReceiveBatch(delivery=read_delivery(path, "order_x")), by=SALES)


def test_an_order_is_taken_in_with_units_prices_and_its_total(tmp_path):
    dozens = '<ram:BasisQuantity unitCode="CT">10</ram:BasisQuantity>'
    content = message(
        line(10, "P", "2", "24.00", "48.00", "CT"),
        line(20, "P", "200", "7.50", "150.00", "CT", basis=dozens),
        total="198.00",
    )
    desk, report = take_in(tmp_path, content)
    assert (report.new_orders, report.differences, report.findings) == (("PO-4711@order_x",), (), ())
    case = case_of(desk, "PO-4711@order_x")
    assert [(one.line_no, one.counts.ordered, one.ask.unit_price) for one in case.lines] == [
        ("10", 24, 2),
        ("20", 2400, Decimal("0.0625")),
    ]
    assert {f"{one.ask.requested_at:%Y-%m-%d}" for one in case.lines} == {"2026-01-20"}
    assert (case.head.customer_po, case.head.currency, case.head.party.name) == ("PO-4711", "EUR", "Café Ö")
    assert (case.head.party.street, f"{case.head.received_at:%H:%M}") == ("Graben 1", "07:30")


def test_an_allowance_is_part_of_the_price_and_what_does_not_add_up_waits(tmp_path):
    _, cheap = take_in(tmp_path, message(line(1, "P", "8", "3.00", "20.00", allowance=ALLOWANCE), total="20.00"))
    assert [one.code for one in cheap.findings if one.is_error] == []
    desk, report = take_in(
        tmp_path,
        message(
            line(1, "P", "8", "3.00", "20.00"),
            line(2, "P", "3", "10.00", "10.00", basis='<ram:BasisQuantity unitCode="H87">3</ram:BasisQuantity>'),
            line(3, "P", "3", "10.00", "30.00", basis='<ram:BasisQuantity unitCode="KGM">1</ram:BasisQuantity>'),
            total="60.00",
        ),
    )
    assert [(one.row, one.column, one.code) for one in report.findings if one.code != "WITHHELD"] == [
        (1, "line_amount", "AMOUNT_MISMATCH"),
        (2, "unit_price", "BAD_VALUE"),
        (2, "line_amount", "NOT_EXACT"),
        (3, "unit_price", "BAD_VALUE"),
    ]
    assert desk.store.count("order") == 0


def test_a_total_that_is_not_that_of_the_lines_shows(tmp_path):
    _, report = take_in(tmp_path, message(line(1, "P", "1", "3.00", "3.00"), total="5.00"))
    assert [(one.name, one.declared, one.counted) for one in report.differences] == [("amount", "5.00", "3")]


def test_a_change_of_the_order_becomes_a_draft_of_a_change_request(tmp_path):
    desk, _ = take_in(tmp_path, message(line(1, "P", "1", "3.00", "3.00"), total="3.00"))
    _, report = take_in(
        tmp_path, message(line(1, "P", "2", "3.00", "6.00"), total="6.00", kind="230"), "change.xml", desk
    )
    (change,) = case_of(desk, "PO-4711@order_x").changes
    assert report.changes == (change.change_id,)
    assert [(one.kind, one.after) for one in change.amendments] == [("quantity", 2)]


def test_an_order_inside_a_pdf_is_found(tmp_path):
    pypdf = pytest.importorskip("pypdf")
    writer, page = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=200, height=200)
    writer.write(page)
    empty = page.getvalue()
    xml = message(line(1, "P", "1", "3.00", "3.00"), total="3.00")
    content = facturx.generate_from_binary(empty, xml, flavor="order-x", level="comfort", orderx_type="order")
    _, report = take_in(tmp_path, content, "order.pdf")
    assert report.new_orders == ("PO-4711@order_x",)
    with pytest.raises(InputError, match="Order-X"):
        take_in(tmp_path, empty, "empty.pdf")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<order/>", "no valid Order-X"),
        (b"<order", "no XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "DOCTYPE"),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16"), "DOCTYPE"),
        (message(total="1.00", kind="231"), "no order"),
        (message(total="1.00").replace(b"PO-4711", b"PO</ram:ID><ram:ID>"), "no valid Order-X"),
    ],
)
def test_what_is_no_order_is_refused(tmp_path, content, says):
    with pytest.raises(InputError, match=says):
        take_in(tmp_path, content)


def test_an_order_without_lines_waits(tmp_path):
    _, report = take_in(tmp_path, message(total="1.00"))
    assert (report.num_accepted, report.num_quarantined) == (0, 1)
