"""Factur-X out: an invoice as cross industry invoice (EN 16931), alone or inside a PDF that people can read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from orderopt.errors import OrderOptError
from orderopt.models.life.amounts import known
from orderopt.models.life.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceLineKind, TaxSum
from orderopt.models.life.seller import Seller

LEVEL = "en16931"
"""The profile; its rules are those of the European standard."""

TYPE_CODES: Mapping[InvoiceKind, str] = {
    InvoiceKind.INVOICE: "380",
    InvoiceKind.DEPOSIT: "386",
    InvoiceKind.CREDIT_NOTE: "381",
    InvoiceKind.DEBIT_NOTE: "383",
}
"""UNTDID 1001."""

UNITS: Mapping[str, str] = {
    "pc": "H87",
    "pcs": "H87",
    "piece": "H87",
    "kg": "KGM",
    "g": "GRM",
    "t": "TNE",
    "l": "LTR",
    "m": "MTR",
    "m2": "MTK",
    "m3": "MTQ",
    "h": "HUR",
}
"""Units of items as UN/ECE Recommendation 20; a code of three signs is used as it is, all others are ``C62``, one."""

_ELEMENT = re.compile(r"Element '\{[^}]*\}(\w+)'")
_TEXTS = {
    InvoiceLineKind.DEPOSIT: "Deposit",
    InvoiceLineKind.DEPOSIT_TAKEN_OFF: "Less deposit",
    InvoiceLineKind.ALLOWANCE: "Allowance",
}
_WITHOUT_TAX = {"E": "exempt from tax", "O": "not subject to tax", "AE": "reverse charge"}


def build_cii(
    invoice: Invoice,
    seller: Seller,
    *,
    issued: Mapping[str, date] | None = None,
    units: Mapping[str, str] | None = None,
) -> bytes:
    """Return an invoice as XML, checked against the schema of Factur-X.

    Parameters
    ----------
    issued
        Days of the invoices that a credit or debit note is about, by number.
    units
        Units of items, by item.

    Raises
    ------
    OrderOptError
        If the extra ``edi`` is not installed, the buyer's country is not known, or the schema refuses the document.
    """
    facturx = _load()
    if invoice.buyer.country is None:
        raise OrderOptError(f"{invoice.number}: Factur-X needs the buyer's country; enter it with the order's party")
    content = _build_content(invoice, seller, issued or {}, units or {})
    try:
        xml: bytes = facturx.generate_cii_xml(content, level=LEVEL, check_xsd=True, check_schematron=False)
    except Exception as error:  # the library raises bare exceptions
        raise OrderOptError(f"{invoice.number}: Factur-X refuses the invoice: {_says(error)}") from error
    return xml


def embed_in_pdf(pdf: bytes, xml: bytes) -> bytes:
    """Return a PDF with an invoice's XML inside, as Factur-X asks for it.

    The PDF is what people read: the company's own, or one of :func:`orderopt.views.invoice_page.draw_invoice`.
    """
    found: bytes = _load().generate_from_binary(pdf, xml, flavor="factur-x", level=LEVEL, check_schematron=False)
    return found


def read_cii(pdf: bytes) -> bytes:
    """Return the XML inside a Factur-X PDF, checked against the schema."""
    _, xml = _load().get_facturx_xml_from_pdf(pdf, check_xsd=True)
    found: bytes = xml
    return found


def _load() -> Any:
    try:
        import facturx
    except ImportError as error:
        raise OrderOptError('Factur-X needs the library factur-x; next: pip install "orderopt[edi]"') from error
    return facturx


def _says(error: Exception) -> str:
    """Return what was refused: the element's name or the library's word, without values, which may be personal."""
    found = _ELEMENT.search(str(error))
    return f"element {found[1]} does not fit the schema" if found else type(error).__name__


def _build_content(
    invoice: Invoice, seller: Seller, issued: Mapping[str, date], units: Mapping[str, str]
) -> dict[str, Any]:
    """Return the content by the business terms (BT) and groups (BG) of EN 16931."""
    buyer = _build_party(
        name=invoice.buyer.name or invoice.customer_id,
        addr_l1=invoice.buyer.street,
        postcode=invoice.buyer.postcode,
        city=invoice.buyer.city,
        country_code=invoice.buyer.country,
    )
    content: dict[str, Any] = {
        "BT-1": invoice.number,
        "BT-2": invoice.issued_on,
        "BT-3": TYPE_CODES[invoice.kind],
        "BT-5": invoice.currency,
        "BT-9": None if invoice.is_credit else invoice.due_on,
        "BT-13": invoice.customer_po,
        "BT-14": invoice.order_id,
        "BT-20": invoice.terms,
        "BG-1": [{"BT-22": invoice.reason}] if invoice.reason else None,
        "BG-3": [_build_reference(invoice.corrects, issued)] if invoice.corrects else None,
        "BG-4": _build_party(
            name=seller.name,
            addr_l1=seller.street,
            postcode=seller.postcode,
            city=seller.city,
            country_code=seller.country,
            vat_identifier=seller.vat_id,
        ),
        "BG-7": buyer,
        "BG-13": dict(buyer),
        "BT-81": "58" if seller.iban else None,
        "BT-84": seller.iban,
        "BG-23": [_build_tax(tax) for tax in invoice.taxes],
        "BG-25": [_build_line(line, units) for line in invoice.lines],
        "BT-106": str(invoice.net),
        "BT-109": str(invoice.net),
        "BT-110": str(invoice.tax),
        "BT-112": str(invoice.gross),
        "BT-115": str(invoice.gross),
    }
    return {name: value for name, value in content.items() if value is not None}


def _build_party(**known_ones: str | None) -> dict[str, str]:
    return {name: value for name, value in known_ones.items() if value}


def _build_reference(number: str, issued: Mapping[str, date]) -> dict[str, Any]:
    return {"BT-25": number, **({"BT-26": issued[number]} if number in issued else {})}


def _build_tax(tax: TaxSum) -> dict[str, str]:
    found = {"BT-116": str(tax.net), "BT-117": str(tax.tax), "BT-118": tax.category}
    if tax.category != "O":
        found["BT-119"] = _percent(tax.rate)
    if tax.category in _WITHOUT_TAX:
        found["BT-120"] = _WITHOUT_TAX[tax.category]
    return found


def _build_line(line: InvoiceLine, units: Mapping[str, str]) -> dict[str, str]:
    net = known(line.net)
    quantity = line.quantity or (Decimal(1) if net >= 0 else Decimal(-1))
    is_goods = line.kind is InvoiceLineKind.GOODS
    found = {
        "BT-126": line.no,
        "BT-129": _plain(quantity),
        "BT-130": find_unit_code(units.get(line.text) if is_goods else None),
        "BT-131": str(net),
        "BT-146": _plain((net / quantity).quantize(Decimal("0.000001"))),
        "BT-151": line.tax_category,
        "BT-153": " ".join(part for part in (_TEXTS.get(line.kind), line.text) if part),
    }
    if line.tax_category != "O":
        found["BT-152"] = _percent(line.tax_rate)
    if line.order_line:
        found["BT-132"] = line.order_line
    return found


def find_unit_code(unit: str | None) -> str:
    """Return the code of a unit by UN/ECE Recommendation 20.

    Examples
    --------
    >>> find_unit_code("kg"), find_unit_code("KGM"), find_unit_code(None)
    ('KGM', 'KGM', 'C62')
    """
    text = (unit or "").strip()
    if text.lower() in UNITS:
        return UNITS[text.lower()]
    is_code = len(text) in (2, 3) and text.isupper() and text.isalnum() and text.isascii()
    return text if is_code else "C62"


def _percent(rate: Decimal) -> str:
    return _plain(rate * 100)


def _plain(number: Decimal) -> str:
    """Return a number without exponent and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
