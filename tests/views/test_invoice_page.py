"""The drawn invoice: every line, tax and sum, over as many pages as it takes."""

from __future__ import annotations

import pytest
from tests.stages.settle.world import FAY, build_desk, build_line, give_order, ship

from orderopt.models.life.seller import Seller
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.views.invoice_page import draw_invoice, find_rows

SELLER = Seller(name="Schrauben AG", country="AT")


def build_invoice(num_lines):
    desk = build_desk()
    lines = [build_line(str(number), "2", "9.99", discount="0.05") for number in range(1, num_lines + 1)]
    give_order(desk, *lines)
    for line in lines:
        ship(desk, 2, line.line_no)
    return desk.do(IssueInvoice(order_id="O-1"), by=FAY)


def test_the_rows_are_lines_taxes_and_sums():
    rows = list(find_rows(build_invoice(2)))
    assert rows[0] == ("1", "bolt at 9.99 less 5 %", "2", "19 %", "3.61", "18.98")
    assert rows[-4:] == [
        ("", "Tax VAT", "", "19 %", "7.22", "37.96"),
        ("", "Net", "", "", "", "37.96"),
        ("", "Tax", "", "", "", "7.22"),
        ("", "Total EUR", "", "", "", "45.18"),
    ]


@pytest.mark.parametrize(("num_lines", "num_pages"), [(1, 1), (60, 2)])
def test_long_invoices_take_more_pages(num_lines, num_pages):
    pytest.importorskip("matplotlib")
    pypdf = pytest.importorskip("pypdf")
    from io import BytesIO

    pages = pypdf.PdfReader(BytesIO(draw_invoice(build_invoice(num_lines), SELLER))).pages
    assert len(pages) == num_pages
