"""An invoice to read and print: a plain PDF, drawn by matplotlib (the extra ``plot``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from orderopt.errors import OrderOptError
from orderopt.models.life.amounts import known
from orderopt.models.life.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceLineKind
from orderopt.models.life.seller import Seller

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLES = {
    InvoiceKind.INVOICE: "Invoice",
    InvoiceKind.DEPOSIT: "Deposit invoice",
    InvoiceKind.CREDIT_NOTE: "Credit note",
    InvoiceKind.DEBIT_NOTE: "Debit note",
}
_TEXTS = {
    InvoiceLineKind.DEPOSIT: "Deposit",
    InvoiceLineKind.DEPOSIT_TAKEN_OFF: "Less deposit",
    InvoiceLineKind.ALLOWANCE: "Allowance",
}
_A4 = (8.27, 11.69)
_ROWS = 34
_COLUMNS = ((0.08, "left"), (0.14, "left"), (0.55, "right"), (0.67, "right"), (0.78, "right"), (0.92, "right"))
_HEADS = ("No.", "Text", "Quantity", "Tax", "Tax amount", "Net")

Row = tuple[str, ...]


def draw_invoice(invoice: Invoice, seller: Seller) -> bytes:
    """Return a PDF of A4 pages: parties, lines, taxes, sums and terms; the same bytes for the same invoice.

    Its font knows Latin, Greek and Cyrillic letters; for others hand in a PDF of your own where one is asked for.
    """
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_pdf import PdfPages
        from matplotlib.figure import Figure
    except ImportError as error:
        raise OrderOptError('Drawing an invoice needs matplotlib; next: pip install "orderopt[plot]"') from error
    rows = list(find_rows(invoice))
    pages = [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]
    buffer = BytesIO()
    with (
        mpl.rc_context({"pdf.fonttype": 42, "font.family": "DejaVu Sans", "font.size": 8}),
        PdfPages(buffer, metadata={"CreationDate": None, "Title": f"{TITLES[invoice.kind]} {invoice.number}"}) as pdf,
    ):
        for number, page in enumerate(pages, start=1):
            figure = Figure(figsize=_A4)
            _draw_head(figure, invoice, seller, f"page {number} of {len(pages)}")
            _draw_rows(figure, page)
            pdf.savefig(figure)
    return buffer.getvalue()


def find_rows(invoice: Invoice) -> Iterator[Row]:
    """Yield the rows of an invoice's table: its lines, its taxes, its sums."""
    for line in invoice.lines:
        quantity = f"{line.quantity.normalize():f}" if line.quantity else ""
        yield line.no, _find_text(line), quantity, _percent(line), str(line.tax), str(line.net)
    yield ("",) * len(_COLUMNS)
    for tax in invoice.taxes:
        share = f"{(tax.rate * 100).normalize():f} %"
        yield "", f"Tax {tax.code or tax.category}", "", share, str(tax.tax), str(tax.net)
    yield "", "Net", "", "", "", str(invoice.net)
    yield "", "Tax", "", "", "", str(invoice.tax)
    yield "", f"Total {invoice.currency}", "", "", "", str(invoice.gross)


def _find_text(line: InvoiceLine) -> str:
    text = " ".join(part for part in (_TEXTS.get(line.kind), line.text) if part)
    price = f" at {known(line.unit_price).normalize():f}" if line.unit_price is not None and line.quantity else ""
    off = f" less {(line.discount * 100).normalize():f} %" if line.discount and price else ""
    return text + price + off


def _percent(line: InvoiceLine) -> str:
    return f"{(line.tax_rate * 100).normalize():f} %"


def _draw_head(figure: Figure, invoice: Invoice, seller: Seller, page: str) -> None:
    figure.text(0.08, 0.94, f"{TITLES[invoice.kind]} {invoice.number}", fontsize=16, weight="bold")
    figure.text(0.92, 0.94, page, ha="right")
    own, buyer = seller, invoice.buyer
    _draw_lines(figure, 0.08, [own.name, own.street, _town(own.postcode, own.city), own.country, own.vat_id])
    names = [buyer.name or invoice.customer_id, buyer.street, _town(buyer.postcode, buyer.city), buyer.country]
    _draw_lines(figure, 0.40, names)
    _draw_lines(
        figure,
        0.70,
        [
            f"Date {invoice.issued_on.isoformat()}",
            None if invoice.is_credit else f"Due {invoice.due_on.isoformat()}",
            f"Order {invoice.order_id}",
            f"Your order {invoice.customer_po}" if invoice.customer_po else None,
            f"Corrects {invoice.corrects}" if invoice.corrects else None,
            f"Terms {invoice.terms}" if invoice.terms else None,
            f"IBAN {seller.iban}" if seller.iban and not invoice.is_credit else None,
        ],
    )


def _town(postcode: str | None, city: str | None) -> str:
    return " ".join(part for part in (postcode, city) if part)


def _draw_lines(figure: Figure, x: float, texts: Sequence[str | None]) -> None:
    for position, text in enumerate(text for text in texts if text):
        figure.text(x, 0.90 - 0.016 * position, text, parse_math=False)


def _draw_rows(figure: Figure, rows: Sequence[Row]) -> None:
    for position, row in enumerate((_HEADS, *rows)):
        for (x, side), text in zip(_COLUMNS, row, strict=True):
            weight = "bold" if position == 0 or row[1].startswith("Total") else "normal"
            figure.text(x, 0.76 - 0.019 * position, text, ha=side, weight=weight, parse_math=False)
