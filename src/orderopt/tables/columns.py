"""The columns of a table as cells see them: what kind of value stands in each, taken from the models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, AwareDatetime

from orderopt.models.calendar import ClockTime
from orderopt.models.moment import ceil_minute, floor_minute
from orderopt.models.record import unwrap

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from orderopt.models.record import Record


class Kind(StrEnum):
    """What kind of value stands in a cell."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    WHOLE = "whole number"
    FLAG = "flag"
    MOMENT = "moment"
    CLOCK = "time of day"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name, field
        The header of the column, and the field of the record that holds it.
    kind
        How its cells are read and written.
    is_required, default
        Whether a cell must have a value; what an empty cell stands for.
    is_on_grid
        Whether a moment is rounded to a whole minute when it is read.
    choices
        The words that are allowed, where they are few.
    """

    name: str
    field: str
    kind: Kind
    is_required: bool
    default: Any
    is_on_grid: bool
    choices: tuple[str, ...]
    description: str


_KINDS: dict[Any, Kind] = {
    Decimal: Kind.NUMBER,
    int: Kind.WHOLE,
    bool: Kind.FLAG,
    datetime: Kind.MOMENT,
    AwareDatetime: Kind.MOMENT,
}
_CLOCK_MARKS = unwrap(ClockTime)[1]


def _choices_of(plain: Any) -> tuple[str, ...]:
    if isinstance(plain, type) and issubclass(plain, Enum):
        return tuple(str(member.value) for member in plain)
    return tuple(map(str, get_args(plain))) if get_origin(plain) is Literal else ()


def _build_column(field_name: str, field: FieldInfo) -> Column:
    plain, marks = unwrap(field.annotation)
    marks = [*marks, *field.metadata]
    choices = _choices_of(plain)
    kind = Kind.CHOICE if choices else _KINDS.get(plain, Kind.TEXT)
    if kind is Kind.TEXT and any(mark in _CLOCK_MARKS for mark in marks):
        kind = Kind.CLOCK
    grids = [mark.func for mark in marks if isinstance(mark, AfterValidator)]
    return Column(
        name=field.alias or field_name,
        field=field_name,
        kind=kind,
        is_required=field.is_required(),
        default=None if field.is_required() else field.get_default(call_default_factory=True),
        is_on_grid=ceil_minute in grids or floor_minute in grids,
        choices=choices,
        description=field.description or "",
    )


@cache
def columns_of(record_type: type[Record]) -> dict[str, Column]:
    """Map the header of each column of a table to what stands in it, in the order of the contract."""
    columns = (_build_column(name, field) for name, field in record_type.model_fields.items() if name != "extra")
    return {column.name: column for column in columns}
