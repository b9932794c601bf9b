from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.properties.hand_made import at, line, plant

from orderopt.models.calendar import Shift
from orderopt.models.item import Item
from orderopt.models.network import Offer, Receipt, Stock, Supplier
from orderopt.models.result import SupplyType
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.supply import Ledger, Supply, handed_over
from orderopt.stages.terms import lot_of

D = Decimal
DAY = 1440
WEEK = 7 * DAY


def shop(*offers: dict[str, Any], quality: str = "1", step: str = "1", **more: Any) -> Ledger:
    """Return the ledger of a plant where Z sells P; the start is a Monday at 08:00."""
    supplier = Supplier(supplier_id="Z", quality=quality, calendar_id=more.pop("calendar_id", None))
    rows = [
        Offer(**({"supplier_id": "Z", "item_id": "P", "lead_time_days": 2, "unit_price": 1} | offer))
        for offer in offers
    ]
    items = [Item(item_id="P", quantity_step=step)]
    return Ledger(Plant(plant([line("A", 1, due=9)], items=items, suppliers=[supplier], offers=rows, **more)))


def quote(ledger: Ledger, quantity: str | int) -> tuple[int, Decimal, Decimal, Decimal] | None:
    """Return when, at what added cost, how much is bought, and what is left over."""
    quoted = ledger.quote("Z", "P", D(quantity))
    if quoted is None:
        return None
    received, cost, purchase = quoted
    assert purchase.supply.free == purchase.quantity * ledger.plant.snapshot.supplier["Z"].quality - purchase.pegged
    return received, cost, purchase.quantity, purchase.supply.free


def state(ledger: Ledger) -> Any:
    """Return everything a ledger holds, as values."""
    return (
        [
            (
                each.supplier_id,
                each.week,
                each.pegged,
                each.quantity,
                each.offer,
                each.supply.free,
                each.supply.available,
            )
            for each in ledger.purchases
        ],
        [(supply.name, supply.free, supply.available) for supply in ledger.supplies("P")],
        len(ledger.jobs),
    )


# ------------------------------------------------------------------------------------------------ what lies there


def test_stock_is_what_is_free_and_the_earliest_supply_comes_first() -> None:
    stock = [
        Stock(item_id="P", on_hand=9, safety_stock=4, available_at=at(5)),
        Stock(item_id="P", on_hand=1, safety_stock=3, site="S"),
    ]
    receipts = [
        Receipt(receipt_id="late", item_id="P", quantity=2, available_at=at(9)),
        Receipt(receipt_id="past", item_id="P", quantity=3, available_at=at(-9)),
        Receipt(receipt_id="same", item_id="P", quantity=3, available_at=at(5)),
    ]
    ledger = shop(stock=stock, receipts=receipts)
    assert [(supply.name, supply.free, supply.available) for supply in ledger.supplies("P")] == [
        ("past", 3, 0),
        ("P@", 5, 300),
        ("same", 3, 300),
        ("late", 2, 540),
    ]
    assert list(ledger.supplies("unknown")) == []


def test_stock_waits_for_the_release_of_the_line_and_a_job_does_not() -> None:
    made = Plant(plant([line("A", 1, due=9, release_at=at(4))]))
    (wanted,) = made.snapshot.planned_lines
    assert handed_over(made, Supply(SupplyType.STOCK, "s", "P", D(1), 60), wanted) == 240
    assert handed_over(made, Supply(SupplyType.RECEIPT, "r", "P", D(1), 300), wanted) == 300
    assert handed_over(made, Supply(SupplyType.PURCHASE, "p", "P", D(1), 60), wanted) == 60


def test_no_more_is_drawn_than_there_is() -> None:
    ledger = shop(stock=[Stock(item_id="P", on_hand=5)])
    (supply,) = ledger.supplies("P")
    ledger.draw(supply, D(5))
    assert list(ledger.supplies("P")) == []
    with pytest.raises(ValueError, match="1 drawn of 0"):
        ledger.draw(supply, D(1))


# ------------------------------------------------------------------------------------------------ buying


def test_a_purchase_is_as_small_as_minimum_multiple_step_and_quality_allow() -> None:
    offer = {"min_quantity": 5, "lot_multiple": 4}
    assert quote(shop(offer), 3) == (2 * DAY, 8, 8, 5)
    assert quote(shop(offer), 9) == (2 * DAY, 12, 12, 3)
    assert quote(shop(offer, step="6"), 9) == (2 * DAY, 12, 12, 3)
    assert quote(shop(offer, quality="0.8"), 9) == (2 * DAY, 12, 12, D("0.6"))
    assert quote(shop({}, quality="0.8"), 9) == (2 * DAY, 12, 12, D("0.6"))


@pytest.mark.parametrize(
    ("step", "multiple", "lot"), [("4", "6", "12"), ("1", None, "1"), ("0.5", "0.75", "1.5"), ("3", "1", "3")]
)
def test_a_lot_is_the_least_multiple_of_both_step_and_multiple(step: str, multiple: str | None, lot: str) -> None:
    assert lot_of(D(step), None if multiple is None else D(multiple)) == D(lot)


def test_what_is_left_over_of_a_purchase_is_a_supply_for_others() -> None:
    ledger = shop({"lot_multiple": 10})
    ledger.buy(ledger.quote("Z", "P", D(3))[2])
    (supply,) = ledger.supplies("P")
    assert (supply.kind, supply.free, supply.available, supply.origin) == (SupplyType.PURCHASE, 7, 2 * DAY, "Z")
    ledger.draw_surplus(supply, D(6))
    (purchase,) = ledger.purchases
    assert (purchase.pegged, purchase.quantity, supply.free) == (9, 10, 1)
    assert quote(ledger, 2) == (2 * DAY, 10, 20, 9)  # one more lot, in the same week


def test_purchases_of_one_week_are_one_and_only_what_is_added_costs() -> None:
    ledger = shop({"unit_price": 3}, {"unit_price": "2.5", "from_quantity": 10})
    ledger.buy(ledger.quote("Z", "P", D(4))[2])
    assert quote(ledger, 3) == (2 * DAY, 9, 7, 0)
    assert quote(ledger, 6) == (2 * DAY, 25 - 12, 10, 0)
    ledger.buy(ledger.quote("Z", "P", D(6))[2])
    (purchase,) = ledger.purchases
    assert (purchase.quantity, purchase.pegged, purchase.offer.unit_price) == (10, 10, D("2.5"))


def test_more_is_bought_where_a_price_break_makes_that_cheaper() -> None:
    ledger = shop({"unit_price": 3}, {"unit_price": 1, "from_quantity": 10})
    assert quote(ledger, 3) == (2 * DAY, 9, 3, 0)
    assert quote(ledger, 4) == (2 * DAY, 10, 10, 6)


def test_a_weekly_maximum_pushes_purchases_into_the_next_week() -> None:
    ledger = shop({"max_per_week": 5})
    ledger.buy(ledger.quote("Z", "P", D(4))[2])
    assert quote(ledger, 1) == (2 * DAY, 1, 5, 0)
    next_monday = WEEK - 8 * 60
    assert quote(ledger, 2) == (next_monday, 2, 2, 0)
    ledger.buy(ledger.quote("Z", "P", D(5))[2])
    assert quote(ledger, 5) == (next_monday + WEEK, 5, 5, 0)
    assert [purchase.week for purchase in ledger.purchases] == [0, 1]
    assert quote(ledger, 6) is None
    assert ledger.most_at_once("Z", "P", D(100)) == 5
    assert ledger.most_at_once("Z", "P", D(3)) == 3


def test_the_most_at_once_is_good_quantity_in_whole_lots() -> None:
    ledger = shop({"max_per_week": 11, "lot_multiple": 4}, quality="0.5")
    assert ledger.most_at_once("Z", "P", D(100)) == 4
    assert quote(ledger, 4)[2] == 8
    assert quote(ledger, 5) is None


def test_the_most_at_once_is_a_multiple_of_the_step_of_the_item_too() -> None:
    ledger = shop({"max_per_week": 8, "lot_multiple": 2}, step="3")
    assert ledger.most_at_once("Z", "P", D(100)) == 6
    assert quote(ledger, 6) == (2 * DAY, 6, 6, 0)


def test_a_minimum_above_the_weekly_maximum_can_never_be_bought() -> None:
    ledger = shop({"max_per_week": 5, "min_quantity": 6})
    assert quote(ledger, 1) is None


def test_the_price_break_in_force_says_the_lead_time() -> None:
    ledger = shop({"lead_time_days": 1}, {"lead_time_days": 3, "from_quantity": 10})
    assert quote(ledger, 9)[0] == 1 * DAY
    assert quote(ledger, 10)[0] == 3 * DAY
    ledger.buy(ledger.quote("Z", "P", D(9))[2])
    # ten in this week would come two days later than those who count on nine of them were told
    assert quote(ledger, 1)[0] == WEEK - 8 * 60


def test_deliveries_wait_for_the_supplier_to_open_within_the_week() -> None:
    tuesday = [Shift(calendar_id="tue", weekday=1, opens="10:00", closes="11:00")]
    ledger = shop({}, calendars=tuesday, calendar_id="tue")
    assert quote(ledger, 1)[0] == WEEK + DAY + 120


def test_a_supplier_that_never_opens_and_one_that_does_not_sell_quote_nothing() -> None:
    never = {"calendar_id": "never", "starts_at": at(-9999), "ends_at": at(99_999), "open": False}
    assert quote(shop({}, calendar_exceptions=[never], calendar_id="never"), 1) is None
    assert shop({}).quote("Z", "other", D(1)) is None


# ------------------------------------------------------------------------------------------------ taking back


@given(
    st.lists(st.tuples(st.sampled_from(["draw", "buy", "surplus"]), st.integers(1, 6)), max_size=12),
    st.integers(0, 12),
)
def test_rolling_back_restores_everything_since_the_mark(steps: list[tuple[str, int]], place: int) -> None:
    ledger = shop(
        {"unit_price": 3, "lot_multiple": 4, "max_per_week": 12},
        {"unit_price": 2, "from_quantity": 8, "max_per_week": 12},
        stock=[Stock(item_id="P", on_hand=20)],
    )
    mark, before = ledger.mark(), state(ledger)
    for number, (action, amount) in enumerate(steps):
        if number == place:
            mark, before = ledger.mark(), state(ledger)
        if action == "buy":
            quoted = ledger.quote("Z", "P", D(amount))
            if quoted is not None:
                ledger.buy(quoted[2])
            continue
        is_wanted = action == "surplus"
        for supply in list(ledger.supplies("P")):
            if (supply.kind is SupplyType.PURCHASE) == is_wanted:
                (ledger.draw_surplus if is_wanted else ledger.draw)(supply, min(D(amount), supply.free))
                break
    ledger.rollback(mark)
    assert state(ledger) == before
