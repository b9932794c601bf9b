"""Writing single values: exactly, the same way each time, readable by people and by programs."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from orderopt.tables.columns import Kind

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def moment_text(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment in ISO 8601 with its offset, to the minute where it is on the minute."""
    local = moment.astimezone(zone)
    if local.microsecond:
        return local.isoformat()
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def number_text(number: Decimal | int | float) -> str:
    """Return a number in plain digits, without exponent and without zeros at the end."""
    exact = number if isinstance(number, Decimal) else Decimal(repr(number) if isinstance(number, float) else number)
    text = format(exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def value_text(value: Any, kind: Kind, zone: ZoneInfo) -> str:
    """Return a value as the text of its cell; what is not there is an empty cell.

    Parameters
    ----------
    value
        A value of a record or of a frame.
    kind
        What its column holds.
    zone
        Time zone that moments are written in.
    """
    if is_absent(value):
        return ""
    if kind is Kind.MOMENT:
        moment = value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
        return moment_text(moment if moment.tzinfo else moment.replace(tzinfo=UTC), zone)
    if kind is Kind.NUMBER:
        return number_text(value)
    if kind is Kind.WHOLE:
        return str(int(value))
    if kind is Kind.FLAG:
        return "1" if value else "0"
    return str(value.value) if isinstance(value, Enum) else str(value)


def is_absent(value: Any) -> bool:
    """Tell whether there is no value: None, NaN, or a frame's "not there"."""
    if value is None or type(value).__name__ in {"NaTType", "NAType"}:
        return True
    return isinstance(value, (float, Decimal)) and value != value
