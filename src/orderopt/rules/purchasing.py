"""Rule *purchases*: what is bought fits the supplier's offer, its week, its lead time and its price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.exact import MICRO, Affine, Bools, Ints, build_ints, sum_groups, to_micros
from orderopt.rules.names import Names, pair
from orderopt.rules.violation import HEADER_ROWS, build_findings, say_amount
from orderopt.rules.wall_clock import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.models.network import Offer
    from orderopt.rules.decided import Table
    from orderopt.rules.facts import Facts

_NO_LIMIT = 2**62


@dataclass(frozen=True, eq=False)
class Bought:
    """Purchases and the price break in force of each.

    Attributes
    ----------
    offers
        Price breaks by supplier, item and rising quantity.
    offer
        Break in force of each purchase, -1 where its quantity reaches none.
    has_offer
        Whether the supplier offers the item at all.
    """

    table: Table
    offers: list[Offer]
    offer: Ints
    has_offer: Bools

    def total(self) -> tuple[Ints, Ints]:
        """Return the right total of each purchase rounded down and up to a millionth; 0 without an offer."""
        price = Affine(
            [0] * (len(self.offers) + 1),
            [*(to_micros(offer.unit_price) for offer in self.offers), 0],
            [MICRO] * (len(self.offers) + 1),
        )
        quantity = np.maximum(self.table.ints("quantity"), 0)
        return price.floor(self.offer, quantity), price.ceil(self.offer, quantity)


def build_bought(facts: Facts) -> Bought:
    """Return the purchases with the price break in force of each."""
    given, table = facts.given, facts.tables["purchases"]
    offers = sorted(given.snapshot.offers, key=lambda offer: (offer.supplier_id, offer.item_id, offer.from_quantity))
    num_items = max(len(given.items), 1)
    names = pair(
        given.suppliers.codes([offer.supplier_id for offer in offers]),
        given.items.codes([offer.item_id for offer in offers]),
        num_items,
    )
    order = np.argsort(names, kind="stable")
    offers = [offers[place] for place in order]
    names = names[order]
    wanted = pair(given.suppliers.codes(table.text("supplier_id")), given.items.codes(table.text("item_id")), num_items)
    first, last = np.searchsorted(names, wanted), np.searchsorted(names, wanted, side="right")
    has_offer = (wanted >= 0) & (last > first)
    begins = build_ints([*(to_micros(offer.from_quantity) for offer in offers), 0])
    offer = np.full(table.size, -1, dtype=np.int64)
    for step in range(int((last - first).max(initial=0))):
        place = np.where(has_offer & (first + step < last), first + step, -1)
        offer = np.where((place >= 0) & (begins[place] <= table.ints("quantity")), place, offer)
    return Bought(table, offers, offer, np.asarray(has_offer, dtype=np.bool_))


def judge_purchasing(facts: Facts) -> Iterator[Finding]:
    """Yield purchases that no offer allows, too early, too dear or wrongly priced, and weeks above the maximum."""
    bought = build_bought(facts)
    yield from _judge_offers(bought)
    yield from _judge_lots(bought)
    yield from _judge_times(facts, bought)
    yield from _judge_delivery(facts, bought)
    yield from _judge_prices(bought)
    yield from _judge_weeks(facts, bought)


def _name(table: Table, row: int) -> str:
    return f"purchase {table.text('purchase_id')[row]}"


def _judge_offers(bought: Bought) -> Iterator[Finding]:
    table = bought.table
    yield from build_findings(
        bought.offer < 0,
        lambda row: Finding(
            code="BELOW_ALL_OFFERS" if bought.has_offer[row] else "NO_OFFER",
            table="purchases",
            row=row + HEADER_ROWS,
            subject=_name(table, row),
            says=f"supplier {table.text('supplier_id')[row]} does not offer "
            f"{say_amount(table.ints('quantity')[row])} of item {table.text('item_id')[row]}",
            expected="a row of offers",
        ),
    )


def _column(bought: Bought, column: str, default: int) -> Ints:
    """Return a column of the offer in force of each purchase in millionths, `default` where it is empty."""
    cells = [getattr(offer, column) for offer in bought.offers]
    return build_ints([*(default if cell is None else to_micros(cell) for cell in cells), default])[bought.offer]


def _judge_lots(bought: Bought) -> Iterator[Finding]:
    table, quantity = bought.table, bought.table.ints("quantity")
    least, multiple = _column(bought, "min_quantity", 0), _column(bought, "lot_multiple", 1)
    yield from build_findings(
        (bought.offer >= 0) & (quantity < least),
        lambda row: Finding(
            code="BELOW_MINIMUM",
            table="purchases",
            row=row + HEADER_ROWS,
            column="quantity",
            subject=_name(table, row),
            says=f"its quantity is {say_amount(quantity[row])}",
            expected=f"at least {say_amount(least[row])}",
        ),
    )
    yield from build_findings(
        (bought.offer >= 0) & (quantity % multiple != 0),
        lambda row: Finding(
            code="LOT_MULTIPLE",
            table="purchases",
            row=row + HEADER_ROWS,
            column="quantity",
            subject=_name(table, row),
            says=f"its quantity is {say_amount(quantity[row])}",
            expected=f"a multiple of {say_amount(multiple[row])}",
        ),
    )


def _judge_times(facts: Facts, bought: Bought) -> Iterator[Finding]:
    table, begin = bought.table, facts.given.horizon_start
    ordered, received = table.ints("order_at"), table.ints("receive_at")
    days = _column(bought, "lead_time_days", 0)
    whole, rest = np.divmod(days, MICRO)
    lead = whole * DAY - (-rest * DAY // MICRO)
    yield from build_findings(
        table.is_given("order_at") & (ordered < begin),
        lambda row: Finding(
            code="ORDERED_TOO_EARLY",
            table="purchases",
            row=row + HEADER_ROWS,
            column="order_at",
            subject=_name(table, row),
            says=f"it is ordered {facts.say(ordered[row])}",
            expected=f"no earlier than horizon_start, {facts.say(begin)}",
        ),
    )
    yield from build_findings(
        (bought.offer >= 0) & table.is_given("order_at") & table.is_given("receive_at") & (received < ordered + lead),
        lambda row: Finding(
            code="LEAD_TIME",
            table="purchases",
            row=row + HEADER_ROWS,
            column="receive_at",
            subject=_name(table, row),
            says=f"it is received {facts.say(received[row])}, ordered {facts.say(ordered[row])}",
            expected=f"at least {say_amount(days[row])} days in between",
        ),
    )


def _judge_delivery(facts: Facts, bought: Bought) -> Iterator[Finding]:
    given, table = facts.given, bought.table
    received = table.ints("receive_at")
    suppliers = given.suppliers.codes(table.text("supplier_id"))
    calendars = [supplier.calendar_id for supplier in given.snapshot.supplier.values()]
    is_closed = np.zeros(table.size, dtype=np.bool_)
    for calendar_id in dict.fromkeys(calendars):
        is_its = np.array([*(found == calendar_id for found in calendars), False], dtype=np.bool_)
        rows = np.flatnonzero(is_its[suppliers] & table.is_given("receive_at"))
        if calendar_id is not None and len(rows):
            minutes = received[rows]
            open_time = given.open_time(calendar_id, int(minutes.min()), int(minutes.max()) + 1)
            is_closed[rows] = ~open_time.is_open(minutes)
    yield from build_findings(
        is_closed,
        lambda row: Finding(
            code="SUPPLIER_CLOSED",
            table="purchases",
            row=row + HEADER_ROWS,
            column="receive_at",
            subject=_name(table, row),
            says=f"it is received {facts.say(received[row])}, when the supplier is closed",
            expected="a moment when the supplier is open",
        ),
    )


def _judge_prices(bought: Bought) -> Iterator[Finding]:
    table = bought.table
    price, total = _column(bought, "unit_price", 0), table.ints("total")
    yield from build_findings(
        (bought.offer >= 0) & (table.ints("unit_price") != price),
        lambda row: Finding(
            code="UNIT_PRICE",
            table="purchases",
            row=row + HEADER_ROWS,
            column="unit_price",
            subject=_name(table, row),
            says=f"unit_price is {say_amount(table.ints('unit_price')[row])}",
            expected=f"{say_amount(price[row])}, the price from {bought.offers[bought.offer[row]].from_quantity} on",
        ),
    )
    low, high = bought.total()
    yield from build_findings(
        (bought.offer >= 0) & ((total < low) | (total > high)),
        lambda row: Finding(
            code="PURCHASE_TOTAL",
            table="purchases",
            row=row + HEADER_ROWS,
            column="total",
            subject=_name(table, row),
            says=f"total is {say_amount(total[row])}",
            expected=say_amount(low[row]),
        ),
    )


def _judge_weeks(facts: Facts, bought: Bought) -> Iterator[Finding]:
    given, table = facts.given, bought.table
    rows = np.flatnonzero((bought.offer >= 0) & table.is_given("receive_at"))
    days = given.clock.to_local(table.ints("receive_at")[rows]) // DAY
    monday = days - (days + 3) % 7
    weeks = Names(np.unique(monday))
    sellers = given.suppliers.codes(table.text("supplier_id")[rows])
    items = given.items.codes(table.text("item_id")[rows])
    keys = pair(pair(sellers, items, max(len(given.items), 1)), weeks.codes(monday), max(len(weeks), 1))
    names = Names(keys)
    group = names.codes(keys)
    bought_in_week = sum_groups(group, table.ints("quantity")[rows], len(names))
    limit = np.full(len(names), _NO_LIMIT, dtype=np.int64)
    np.minimum.at(limit, group, _column(bought, "max_per_week", _NO_LIMIT)[rows])
    example = np.zeros(len(names), dtype=np.int64)
    example[group[::-1]] = np.arange(len(rows))[::-1]

    def build(place: int) -> Finding:
        row = int(rows[example[place]])
        return Finding(
            code="WEEKLY_MAXIMUM",
            table="purchases",
            row=row + HEADER_ROWS,
            subject=f"supplier {table.text('supplier_id')[row]}, item {table.text('item_id')[row]}",
            says=f"{say_amount(bought_in_week[place])} is received in the week of "
            f"{facts.say(table.ints('receive_at')[row])[:10]}",
            expected=f"at most {say_amount(limit[place])} in one ISO week",
        )

    yield from build_findings(np.asarray(bought_in_week > limit, dtype=np.bool_), build)
