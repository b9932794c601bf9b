"""What is reserved is set free exactly, whatever happens in between."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stages.review.shop import ask, open_shop

from orderopt.errors import GuardError
from orderopt.models.life.happened.supply import SupplyProposed, SupplyStepped
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.promise import LinePromise, OrderPromise, Origin, PromisedPart
from orderopt.models.life.states import SupplyState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder
from orderopt.stages.confirm.reserve import reserve, set_free

SOON = ask().requested_at
ITEMS = ("PUMP", "VALVE")
PARTS = st.lists(
    st.builds(
        lambda origin, source, quantity: PromisedPart(
            origin=origin, source_id=source, quantity=Decimal(quantity), starts_at=SOON, available_at=SOON
        ),
        st.sampled_from([Origin.STOCK, Origin.SUPPLY, Origin.MAKE, Origin.BUY]),
        st.sampled_from(["EAST", "WEST"]),
        st.integers(1, 6),
    ),
    max_size=3,
)
PROMISES = st.tuples(PARTS, PARTS, PARTS)


def build_promise(parts) -> OrderPromise:
    """Return a promise of three lines; supply orders are called by item and place."""
    lines = []
    for number, own in enumerate(parts):
        item_id = ITEMS[number % 2]
        placed = [
            part.model_copy(update={"source_id": f"{item_id}-{part.source_id}"})
            if part.origin is Origin.SUPPLY
            else part
            for part in own
        ]
        lines.append(LinePromise(line_no=str(number + 1), promised_at=SOON, quantity=Decimal(0), parts=tuple(placed)))
    return OrderPromise(lines=tuple(lines))


def stocked_shop():
    """Return a shop with stock and committed supply at two places, and two orders of three lines."""
    shop = open_shop()
    for item_id in ITEMS:
        for site in ("EAST", "WEST"):
            shop.stock(item_id, 8, site)
            supply = SupplyOrder(
                supply_id=f"{item_id}-{site}",
                kind=SupplyKind.BUY,
                item_id=item_id,
                source_id="S",
                quantity=Decimal(8),
                due_at=SOON,
            )
            shop.tell(SupplyOrder, supply.key, SupplyProposed(supply=supply), SupplyStepped(trigger="firm"))
    for order_id in ("A", "B"):
        shop.draft(order_id, ask("1", "PUMP", 30), ask("2", "VALVE", 30), ask("3", "PUMP", 30))
    return shop


def look(shop):
    """Return all stock and committed supply as it is, without versions, and what is proposed."""

    def read(book):
        ledgers = [one.model_copy(update={"version": 0}) for one in book.find(StockLedger)]
        supply = [one.model_copy(update={"version": 0}) for one in book.find(SupplyOrder)]
        firm = [one for one in supply if one.state is SupplyState.FIRM]
        proposed = [one for one in supply if one.state is SupplyState.PROPOSED]
        allocated = [line.counts.allocated for key in ("A", "B") for line in book.need(OrderCase, key).lines]
        return ledgers, firm, proposed, allocated

    return shop.call(read)


def keep(shop, order_id: str, promise: OrderPromise) -> bool:
    """Reserve; return whether that was possible."""
    try:
        shop.call(lambda book: reserve(book.need(OrderCase, order_id), promise, book))
    except GuardError:
        return False
    return True


def free(shop, order_id: str) -> None:
    shop.call(lambda book: set_free(book.need(OrderCase, order_id), book))


@settings(max_examples=60)
@given(PROMISES, PROMISES)
def test_setting_free_restores_exactly_what_was_before(other, mine):
    shop = stocked_shop()
    keep(shop, "B", build_promise(other))
    before = look(shop)
    keep(shop, "A", build_promise(mine))
    free(shop, "A")
    assert look(shop) == before


@settings(max_examples=60)
@given(PROMISES, PROMISES)
def test_reserving_anew_is_reserving_once(first, second):
    shop, straight = stocked_shop(), stocked_shop()
    keep(shop, "A", build_promise(first))
    if keep(straight, "A", build_promise(second)):
        assert keep(shop, "A", build_promise(second))
        for mine, wanted in zip(look(shop), look(straight), strict=True):
            assert [_plain(one) for one in mine] == [_plain(one) for one in wanted]


def _plain(one):
    """Return a document without its name: later proposals have later numbers."""
    if not isinstance(one, SupplyOrder) or one.state is not SupplyState.PROPOSED:
        return one
    return one.model_copy(update={"supply_id": ""})


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("AB"), st.one_of(st.none(), PROMISES)), max_size=6))
def test_never_is_more_reserved_than_there_is_and_never_less_than_nothing(steps):
    shop = stocked_shop()
    for order_id, parts in steps:
        if parts is None:
            free(shop, order_id)
        else:
            keep(shop, order_id, build_promise(parts))
        ledgers, firm, proposed, allocated = look(shop)
        assert all(0 <= one.reserved <= one.on_hand for one in ledgers)
        assert all(quantity >= 0 for quantity in allocated)
        assert all(one.pegged <= one.quantity for one in (*firm, *proposed))
        kept = sum(one.reserved for one in ledgers) + sum(one.pegged for one in (*firm, *proposed))
        assert kept == sum(allocated)
    free(shop, "A")
    free(shop, "B")
    ledgers, firm, proposed, allocated = look(shop)
    assert not any(one.reservations for one in ledgers)
    assert not any(one.pegs for one in firm)
    assert not proposed
    assert not any(allocated)
