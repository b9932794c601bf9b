"""Supply and demand: stock, receipts, offers and orders."""

from __future__ import annotations

from datetime import UTC, timedelta
from decimal import Decimal
from enum import StrEnum

from benchmarks.converters.frepple.making import find_demanded, find_made
from benchmarks.converters.frepple.source import Row, read_duration, read_moment
from benchmarks.converters.frepple.work import ENDLESS, PLANT, Work
from orderopt.models.network import Offer, Receipt, ReceiptKind, Stock
from orderopt.models.order import Order, OrderLine


class Priorities(StrEnum):
    """What becomes of frePPLe's priorities."""

    WEIGHT = "weight"
    EQUAL = "equal"


def build_stock(work: Work, items: set[str]) -> tuple[Stock, ...]:
    return tuple(
        Stock(
            item_id=row["item"],
            on_hand=ENDLESS if row.get("type", "").endswith("infinite") else Decimal(row["onhand"]),
            site=row.get("location") or PLANT,
        )
        for row in work.buffer.values()
        if row.get("item") in items
        and (row.get("type", "").endswith("infinite") or Decimal(row.get("onhand", "0")) > 0)
    )


def build_receipts(work: Work, items: set[str]) -> tuple[Receipt, ...]:
    receipts = []
    for number, row in enumerate(work.source.tables["operationplan"], start=1):
        item = row.get("item") or find_made(work, row.get("operation", "")) or ""
        if item in items and "end" in row and row.get("status") != "proposed":
            receipts.append(
                Receipt(
                    receipt_id=row.get("reference") or f"receipt {number}",
                    item_id=item,
                    quantity=Decimal(row["quantity"]),
                    available_at=read_moment(row["end"]).replace(tzinfo=UTC),
                    site=row.get("location") or PLANT,
                    kind=ReceiptKind.PURCHASE if "supplier" in row else ReceiptKind.WIP,
                )
            )
    return tuple(receipts)


def build_offers(work: Work, items: set[str]) -> tuple[Offer, ...]:
    """Return what suppliers offer, also for the group that an item belongs to."""
    offers: dict[tuple[str, str], Offer] = {}
    for item in sorted(items):
        names = [item]
        while owner := work.item.get(names[-1], {}).get("owner"):
            names.append(owner)
        for row in work.source.tables["itemsupplier"]:
            if row.get("item") not in names or row.get("priority") == "0":
                continue
            offer = _build_offer(work, item, row)
            if (offer.supplier_id, item) in offers:
                work.reasons.append(f"supplier {offer.supplier_id} offers item {item} more than once")
            offers[offer.supplier_id, item] = offer
    if any(first == second for first, second in zip(_bought(offers), _bought(offers)[1:], strict=False)):
        work.notes.append("preferences between suppliers are left out")
    return tuple(offers.values())


def _bought(offers: dict[tuple[str, str], Offer]) -> list[str]:
    return [item for _, item in offers]


def _build_offer(work: Work, item: str, row: Row) -> Offer:
    lead = read_duration(row.get("leadtime", "0")) + read_duration(row.get("hardsafetyleadtime", "0"))
    minimum, multiple = (Decimal(row.get(column, "0")) for column in ("sizeminimum", "sizemultiple"))
    return Offer(
        supplier_id=row["supplier"],
        item_id=item,
        lead_time_days=round(Decimal(str(lead / timedelta(days=1))), 6),
        unit_price=Decimal(row.get("cost") or work.item.get(item, {}).get("cost") or "0"),
        min_quantity=minimum or None,
        lot_multiple=multiple or None,
    )


def build_orders(
    work: Work, demands: list[Row], priorities: Priorities
) -> tuple[tuple[Order, ...], tuple[OrderLine, ...]]:
    numbers = [int(row.get("priority", "0")) for row in demands]
    orders: list[Order] = []
    lines: list[OrderLine] = []
    for row, number in zip(demands, numbers, strict=True):
        weight = 1 + max(numbers) - number if priorities is Priorities.WEIGHT else 1
        quantity = Decimal(row["quantity"])
        least = Decimal(row["minshipment"]) if "minshipment" in row else Decimal(max(1, round(quantity / 10)))
        may_split = least < quantity
        orders.append(
            Order(
                order_id=row["name"],
                customer_id=row.get("customer", "customer"),
                priority=Decimal(weight),
                status=row.get("status", "open"),
            )
        )
        lines.append(
            OrderLine(
                order_id=row["name"],
                line_no="1",
                item_id=find_demanded(work, row),
                quantity=quantity,
                due_at=read_moment(row["due"]).replace(tzinfo=UTC),
                may_split=may_split,
                min_split=least if may_split and least > 0 else None,
            )
        )
    return tuple(orders), tuple(lines)
