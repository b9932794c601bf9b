"""Order-X: an order as XML of UN/CEFACT, alone or inside a PDF, as a plain document of orders and lines."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

from orderopt.errors import InputError
from orderopt.models.units import to_exact

_ORDER, _CHANGE = "220", "230"
_ROOT = "SCRDMCCBDACIOMessageStructure"


def read_order_x(content: bytes, name: str) -> dict[str, Any]:
    """Return the orders of an Order-X file (there is one) with their lines, checked against the schema.

    Raises
    ------
    InputError
        If it is no Order-X order or change of one, or the library for it is not there.
    """
    try:
        import facturx
    except ImportError as error:
        raise InputError('reading Order-X needs factur-x: pip install "orderopt[edi]"') from error
    if content.startswith(b"%PDF"):
        try:
            _, content = facturx.get_orderx_xml_from_pdf(content, check_xsd=False)
        except Exception as error:  # the library raises plain exceptions
            raise InputError(f"{name} holds no Order-X: {error}") from error
        if not content:
            raise InputError(f"{name} is a PDF without an Order-X order in it")
    _refuse_doctype(content, name)
    try:
        facturx.xml_check_xsd(content, flavor="order-x")
    except Exception as error:  # likewise
        raise InputError(f"{name} is no valid Order-X: {error}") from error
    return _read_message(ET.fromstring(content), name)  # noqa: S314  # without a DOCTYPE it is harmless


def _refuse_doctype(content: bytes, name: str) -> None:
    """Refuse entities, by which a small file can become a large one or read others, before anything expands them."""

    def refuse(*_: object) -> None:
        raise InputError(f"{name} has a DOCTYPE, which Order-X has not")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise InputError(f"{name} is no XML: {error}") from error


def _read_message(root: ET.Element, name: str) -> dict[str, Any]:
    kind = _text(root, "ExchangedDocument/TypeCode")
    if not root.tag.endswith(_ROOT) or kind not in (_ORDER, _CHANGE):
        raise InputError(f"{name} is no order ({_ORDER}) or change of an order ({_CHANGE}), but {kind}")
    deal = _find(root, "SupplyChainTradeTransaction")
    agreement, delivery, settlement = (_find(deal, f"ApplicableHeaderTrade{part}") for part in _PARTS)
    previous = _text(agreement, "PreviousOrderReferencedDocument/IssuerAssignedID")
    number = _text(root, "ExchangedDocument/ID")
    buyer, ship_to = _party(agreement, "BuyerTradeParty"), _party(delivery, "ShipToTradeParty")
    order = {
        "number": previous if kind == _CHANGE and previous else number,
        "issued_at": _moment(root, "ExchangedDocument/IssueDateTime"),
        "note": _text(root, "ExchangedDocument/IncludedNote/Content"),
        "buyer_id": buyer["id"],
        "ship_to_id": ship_to["id"],
        "party": _without_id(ship_to) if any(_without_id(ship_to).values()) else _without_id(buyer),
        "currency": _text(settlement, "OrderCurrencyCode"),
        "terms": _text(settlement, "SpecifiedTradePaymentTerms/Description"),
        "allowances": _all_texts(settlement, "SpecifiedTradeAllowanceCharge/ActualAmount"),
        "requested_at": _due(delivery),
        "lines": [_line(line) for line in _all(deal, "IncludedSupplyChainTradeLineItem")],
    }
    total = _text(settlement, "SpecifiedTradeSettlementHeaderMonetarySummation/LineTotalAmount")
    return {"orders": [order], "total": total}


_PARTS = ("Agreement", "Delivery", "Settlement")


def _line(line: ET.Element) -> dict[str, Any]:
    product, agreement = _find(line, "SpecifiedTradeProduct"), _find(line, "SpecifiedLineTradeAgreement")
    delivery, settlement = _find(line, "SpecifiedLineTradeDelivery"), _find(line, "SpecifiedLineTradeSettlement")
    quantity = _find(delivery, "RequestedQuantity")
    allowances = _all_texts(settlement, "SpecifiedTradeAllowanceCharge/ActualAmount")
    return {
        "number": _text(line, "AssociatedDocumentLineDocument/LineID"),
        "note": _text(line, "AssociatedDocumentLineDocument/IncludedNote/Content"),
        "seller_item": _text(product, "SellerAssignedID"),
        "buyer_item": _text(product, "BuyerAssignedID"),
        "global_item": _text(product, "GlobalID"),
        "quantity": None if quantity is None else quantity.text,
        "unit": None if quantity is None else quantity.get("unitCode"),
        # Of a line with allowances or charges of its own, only the amount says what one unit costs in the end.
        "unit_price": None if allowances else _price(agreement, quantity),
        "amount": _text(settlement, "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount"),
        "allowances": allowances,
        "requested_at": _due(delivery),
    }


def _price(agreement: ET.Element | None, quantity: ET.Element | None) -> str | None:
    """Return the net price of one ordered unit; what is not exact, or for another unit, in words that are no number."""
    price = _text(agreement, "NetPriceProductTradePrice/ChargeAmount")
    basis = _find(agreement, "NetPriceProductTradePrice/BasisQuantity")
    if price is None or basis is None or basis.text is None:
        return price
    unit = basis.get("unitCode")
    if unit is not None and quantity is not None and unit != quantity.get("unitCode"):
        return f"{price} for {basis.text} {unit}"
    per = Fraction(basis.text.strip())
    exact = to_exact(Fraction(price) / per) if per else None
    return f"{price} for {basis.text}" if exact is None else str(exact)


def _party(parent: ET.Element | None, path: str) -> dict[str, Any]:
    party = _find(parent, path)
    address = _find(party, "PostalTradeAddress")
    lines = [_text(address, f"Line{number}") for number in ("One", "Two", "Three")]
    return {
        "id": _text(party, "ID") or _text(party, "GlobalID"),
        "name": _text(party, "Name"),
        "street": ", ".join(line for line in lines if line) or None,
        "city": _text(address, "CityName"),
        "postcode": _text(address, "PostcodeCode"),
        "country": _text(address, "CountryID"),
    }


def _without_id(party: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in party.items() if name != "id"}


def _due(delivery: ET.Element | None) -> str | None:
    """Return when the delivery is asked for; of a period, its end."""
    event = "RequestedDeliverySupplyChainEvent"
    return _moment(delivery, f"{event}/OccurrenceDateTime") or _moment(
        delivery, f"{event}/OccurrenceSpecifiedPeriod/EndDateTime"
    )


def _moment(parent: ET.Element | None, path: str) -> str | None:
    """Return a date of form 102 (day) or a time of form 203 (minute) in ISO 8601; other forms as they stand."""
    found = _find(parent, f"{path}/DateTimeString")
    text = "" if found is None else (found.text or "").strip()
    form = None if found is None else found.get("format")
    if form == "102" and len(text) == 8:
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if form == "203" and len(text) == 12:
        return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:]}"
    return text or None


def _find(parent: ET.Element | None, path: str) -> ET.Element | None:
    for step in path.split("/"):
        parent = None if parent is None else parent.find(f"{{*}}{step}")
    return parent


def _all(parent: ET.Element | None, path: str) -> list[ET.Element]:
    return [] if parent is None else parent.findall("/".join(f"{{*}}{step}" for step in path.split("/")))


def _text(parent: ET.Element | None, path: str) -> str | None:
    found = _find(parent, path)
    return ((found.text or "").strip() or None) if found is not None else None


def _all_texts(parent: ET.Element | None, path: str) -> str | None:
    return "; ".join(found.text.strip() for found in _all(parent, path) if found.text) or None
