"""Checking what came in against master data: customer, item, unit, quantity, date, price."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, TypeVar

from pydantic import ValidationError

from orderopt.models.life.incoming import IncomingHead, IncomingLine, RowFault
from orderopt.models.life.line import OrderedLine, ShipPolicy
from orderopt.models.life.order_case import OrderHead
from orderopt.models.life.part import Part
from orderopt.models.life.states import OrderKind
from orderopt.models.snapshot import Snapshot
from orderopt.models.units import find_factor, to_exact

P = TypeVar("P", bound=Part)
_LIMIT = 10**12
_WHOLE = frozenset({"CLP", "ISK", "JPY", "KRW", "TWD", "VND"})
"""Currencies in which amounts are rounded to whole units; in others to hundredths."""


class FaultError(Exception):
    """A value cannot be used; caught where a row's faults are collected."""

    def __init__(
        self, field: str | None, code: str, reason: str, expected: str | None = None, value: str | None = None
    ) -> None:
        self.fault = RowFault(field=field, code=code, reason=reason, expected=expected, value=value)
        super().__init__(reason)


def check_head(head: IncomingHead, master: Snapshot, at: datetime) -> Iterator[RowFault]:
    """Yield what is the matter with what holds for a whole order."""
    if head.customer_id is None:
        yield RowFault(field="customer_id", code="MISSING_VALUE", reason="no customer is named", expected="a customer")
    elif head.customer_id not in master.customer:
        yield RowFault(
            field="customer_id",
            code="UNKNOWN_CUSTOMER",
            reason="is no customer",
            expected="a customer of the master data",
            value=head.customer_id,
        )
    if head.kind is not None and head.kind not in tuple(OrderKind):
        kinds = f"one of {', '.join(OrderKind)}"
        reason = "is no kind of order"
        yield RowFault(field="kind", code="BAD_VALUE", reason=reason, expected=kinds, value=head.kind)
    if head.priority is not None and not 0 < head.priority < _LIMIT:
        yield RowFault(
            field="priority", code="BAD_VALUE", reason=f"{head.priority} is out of range", expected="a number above 0"
        )
    if head.currency is not None and not (
        len(head.currency) == 3 and head.currency.isascii() and head.currency.isupper()
    ):
        yield RowFault(
            field="currency",
            code="BAD_VALUE",
            reason="is no currency",
            expected="three capital letters of ISO 4217",
            value=head.currency,
        )
    if head.valid_until is not None and head.valid_until <= at:
        yield RowFault(
            field="valid_until",
            code="BAD_DATE",
            reason=f"{head.valid_until:%Y-%m-%d %H:%M} UTC is over",
            expected="a time to come",
        )


def check_line(
    line: IncomingLine, master: Snapshot, at: datetime, latest_days: int, currency: str
) -> Iterator[RowFault]:
    """Yield what is the matter with a line."""
    if line.item_id is None:
        yield RowFault(field="item_id", code="MISSING_VALUE", reason="no item is named", expected="an item")
    elif line.item_id not in master.item:
        yield RowFault(
            field="item_id",
            code="UNKNOWN_ITEM",
            reason="is no item",
            expected="an item of the master data",
            value=line.item_id,
        )
    yield from _check_amounts(line, master, currency)
    if line.requested_at is None:
        yield RowFault(field="requested_at", code="MISSING_VALUE", reason="no date is asked for", expected="a date")
    elif line.requested_at > at + timedelta(days=latest_days):
        yield RowFault(
            field="requested_at",
            code="BAD_DATE",
            reason=f"{line.requested_at:%Y-%m-%d} is more than {latest_days} days ahead",
            expected="a date that is not so far ahead",
        )
    yield from _check_shares(line)


def _check_amounts(line: IncomingLine, master: Snapshot, currency: str) -> Iterator[RowFault]:
    """Yield what is the matter with quantity and money; without a known item only their ranges count."""
    ranges = [fault for check in (_check_quantity, _check_money) if (fault := _fault_of(check, line))]
    yield from ranges
    if ranges:
        return
    checks: list[tuple[Any, ...]] = [(_compare_amount, line, currency)]
    if line.item_id in master.item:
        checks = [(convert_quantity, line, master), (convert_price, line, master), *checks]
    for check, *arguments in checks:
        fault = _fault_of(check, *arguments)
        if fault is not None:
            yield fault
            return


def _fault_of(check: Callable[..., Any], *arguments: Any) -> RowFault | None:
    try:
        check(*arguments)
    except FaultError as error:
        return error.fault
    return None


def _check_quantity(line: IncomingLine) -> None:
    if line.quantity is None:
        raise FaultError("quantity", "MISSING_VALUE", "no quantity is named", "a quantity above 0")
    if not 0 < line.quantity < _LIMIT:
        raise FaultError("quantity", "BAD_QUANTITY", f"{line.quantity} is out of range", "a quantity above 0")


def _check_money(line: IncomingLine) -> None:
    for name in ("unit_price", "line_amount"):
        money = getattr(line, name)
        if money is not None and not 0 <= money < _LIMIT:
            raise FaultError(name, "BAD_PRICE", "is out of range", "an amount of at least 0")


def _check_shares(line: IncomingLine) -> Iterator[RowFault]:
    for name, most in (("discount", 1), ("over", _LIMIT), ("under", 1)):
        share = getattr(line, name)
        if share is not None and not 0 <= share < most:
            expected = "a share of at least 0" if name == "over" else "a share of at least 0 and below 1"
            yield RowFault(field=name, code="BAD_VALUE", reason=f"{share} is out of range", expected=expected)
    if line.ship_policy is not None and line.ship_policy not in tuple(ShipPolicy):
        yield RowFault(
            field="ship_policy",
            code="BAD_VALUE",
            reason="is no ship policy",
            expected=f"one of {', '.join(ShipPolicy)}",
            value=line.ship_policy,
        )


def find_line_factor(line: IncomingLine, master: Snapshot) -> Fraction:
    """Return how many of the item's unit one written unit is; raises FaultError if nothing says so."""
    assert line.item_id is not None
    item = master.item[line.item_id]
    conversions = master.conversions_of_item.get(item.item_id, ())
    factor = find_factor(line.unit, item.uom, conversions)
    if factor is None:
        units = ", ".join([item.uom or "no unit of its own", *(row.unit for row in conversions)])
        reason = f"item {item.item_id} is not counted in this unit"
        expected = f"one of {units}, or a row of unit_conversions"
        raise FaultError("unit", "UNKNOWN_UNIT", reason, expected, line.unit)
    return factor


def convert_quantity(line: IncomingLine, master: Snapshot) -> Decimal:
    """Return a line's quantity in the item's unit, exactly; raises FaultError if there is none."""
    _check_quantity(line)
    assert line.quantity is not None
    factor = find_line_factor(line, master)
    exact = to_exact(Fraction(line.quantity) * factor)
    if exact is None or exact >= _LIMIT:
        item = master.item[line.item_id or ""]
        unit = f"{line.unit} of {item.item_id}" if line.unit else f"of {item.item_id}"
        reason = f"{line.quantity} {unit} is not exact in {item.uom or 'its unit'} at six places"
        raise FaultError("quantity", "NOT_EXACT", reason, "a quantity that divides exactly")
    return exact


def convert_price(line: IncomingLine, master: Snapshot) -> Decimal | None:
    """Return the price of one of the item's unit, exactly; None if nothing says it. Raises FaultError."""
    price, amount = line.unit_price, line.line_amount
    if price is None and amount is None:
        return None
    assert line.quantity is not None
    share = 1 - Fraction(line.discount or 0)
    if price is not None:
        each = Fraction(price)
    elif share:
        each = Fraction(amount or 0) / Fraction(line.quantity) / share
    else:
        raise FaultError("line_amount", "BAD_PRICE", "says nothing of the price: all of it is discount", "unit_price")
    exact = to_exact(each / find_line_factor(line, master))
    if exact is None:
        field = "unit_price" if price is not None else "line_amount"
        raise FaultError(field, "NOT_EXACT", "is not exact for one unit at six places", "a price that divides exactly")
    return exact


def count_amount(line: IncomingLine) -> Decimal | None:
    """Return what a line costs as its sender counts: its amount, or quantity and price less discount; None: unsaid."""
    if line.line_amount is not None:
        return line.line_amount
    if line.unit_price is None or line.quantity is None:
        return None
    with localcontext(prec=80):
        return line.unit_price * line.quantity * (1 - (line.discount or 0))


def _compare_amount(line: IncomingLine, currency: str) -> None:
    if line.line_amount is None or line.unit_price is None:
        return
    counted = count_amount(line.model_copy(update={"line_amount": None}))
    assert counted is not None
    with localcontext(prec=80):
        if abs(counted - line.line_amount) > (Decimal("0.5") if currency in _WHOLE else Decimal("0.005")):
            reason = "is not what quantity, price and discount make"
            raise FaultError("line_amount", "AMOUNT_MISMATCH", reason, "an amount that agrees")


def build_line(line: IncomingLine, line_no: str, master: Snapshot) -> OrderedLine:
    """Return a checked line in the item's unit; raises FaultError if a value does not fit all the same."""
    quantity = convert_quantity(line, master)
    said = line.model_dump(exclude_none=True, exclude={"unit", "line_amount", "unit_price", "quantity", "line_no"})
    written = f"{line.quantity:f} {line.unit}" if line.unit else None
    values = said | {"line_no": line_no, "quantity": quantity, "as_written": written}
    return _validated(OrderedLine, values | {"unit_price": convert_price(line, master)})


def build_head(head: IncomingHead, fixed: dict[str, Any]) -> OrderHead:
    """Return a checked head; `fixed` is what the desk knows. Raises FaultError if a value does not fit."""
    said = head.model_dump(exclude_none=True)
    return _validated(OrderHead, {"received_at": fixed["at"], **said, **{k: v for k, v in fixed.items() if k != "at"}})


def _validated(kind: type[P], values: dict[str, Any]) -> P:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = str(first["loc"][0]) if first["loc"] else None
        raise FaultError(field, "BAD_VALUE", first["msg"].removeprefix("Value error, ")) from None
