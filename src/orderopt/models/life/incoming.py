"""Orders on their way in: what a channel says, before anyone has checked it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from orderopt.models.finding import Finding
from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.life.party import Party, Personal
from orderopt.models.moment import Moment

Price = Annotated[Decimal | None, Sensitivity.PRICE]
Channel = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""Name of a channel: letters, digits, ``_``, ``.`` and ``-``."""


class IncomingHead(Part):
    """What a channel says of a whole order; None: it says nothing of it.

    Attributes
    ----------
    external_ref
        The order's name at the sender.
    kind
        ``order``, ``quote`` or ``inquiry``; None: an order.
    received_at
        When the sender took it; None: the moment of the command.
    """

    external_ref: str | None = None
    kind: str | None = None
    customer_id: str | None = None
    customer_po: str | None = None
    currency: str | None = None
    prices_include_tax: bool | None = None
    terms: str | None = None
    priority: Decimal | None = None
    valid_until: Moment | None = None
    received_at: Moment | None = None
    sales_rep: str | None = None
    destination: str | None = None
    special_requirements: tuple[str, ...] | None = None
    note: Personal = None
    party: Party = Party()
    extra: Mapping[str, str] = Field(default_factory=dict)


class IncomingLine(Part):
    """What a channel says of one line; None: it says nothing of it.

    Attributes
    ----------
    line_no
        None: lines are numbered in their order.
    quantity, unit
        As written; unit None: the item's own.
    unit_price, line_amount
        Price of one written unit, and what the whole line costs with its discount taken off; one gives the other.
    """

    line_no: str | None = None
    item_id: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    requested_at: Moment | None = None
    unit_price: Price = None
    line_amount: Price = None
    discount: Decimal | None = None
    tax_code: str | None = None
    destination: str | None = None
    ship_policy: str | None = None
    may_split: bool | None = None
    spec: Mapping[str, str] | None = None
    special_requirements: tuple[str, ...] | None = None
    over: Decimal | None = None
    under: Decimal | None = None
    lot: str | None = None
    note: Personal = None
    extra: Mapping[str, str] = Field(default_factory=dict)


class IncomingOrder(Part):
    """An order as a program hands it in."""

    head: IncomingHead
    lines: tuple[IncomingLine, ...]


class RowFault(Part):
    """Why a row cannot be used.

    Attributes
    ----------
    field
        The field of the row; None: the row as a whole.
    code, reason
        What kind of fault, for programs, and what is the matter, in words. Where cells stand in wrong columns, any
        of them may be personal: the reason never repeats what was written.
    value
        What was written.
    expected
        What would be right.
    """

    field: str | None = None
    code: str
    reason: str
    value: Personal = None
    expected: str | None = None

    def to_finding(self, source: str, row: int, mend: str | None = None, *, sees: bool = False) -> Finding:
        """Return the fault as a finding about a row of a file; `sees`: whether what was written may be repeated."""
        value = self.value if sees else None
        return Finding(
            code=self.code,
            table=source or None,
            row=row,
            column=self.field,
            value=value,
            says=self.reason if value is None else f"{value!r} {self.reason}",
            expected=self.expected,
            mend=mend or "correct the row and release it",
        )


class IncomingRow(Part):
    """One row of a file or message: a line of an order with what holds for the whole order repeated.

    Attributes
    ----------
    row
        Its number as a spreadsheet shows it (the header is row 1), or the running number of a line in a message.
    raw
        The row as it was written.
    fields
        What is said, by the names of :data:`ROW_FIELDS`: plain numbers, ISO 8601 times, words.
    faults
        What could not be read.
    """

    row: Annotated[int, Field(ge=0)]
    raw: Personal = None
    fields: Annotated[Mapping[str, str] | None, Sensitivity.PERSONAL] = None
    faults: tuple[RowFault, ...] = ()


class Totals(Part):
    """Control totals of a batch; None: not said or not to be counted.

    Attributes
    ----------
    quantity
        Sum of the quantities as written, whatever their units.
    amount
        Sum of the lines' amounts, discounts taken off.
    """

    orders: int | None = None
    lines: int | None = None
    quantity: Decimal | None = None
    amount: Price = None


class Delivery(Part):
    """What one file or message brings.

    Attributes
    ----------
    source
        Name of the file or message, for people.
    declared
        What the sender says is in it.
    findings
        What reading it had to say beside the faults of its rows.
    """

    channel: Channel
    source: str
    rows: tuple[IncomingRow, ...]
    declared: Totals = Totals()
    findings: tuple[Finding, ...] = ()

    @model_validator(mode="after")
    def _check_rows(self) -> Delivery:
        if len({row.row for row in self.rows}) != len(self.rows):
            raise ValueError("rows must have different numbers")
        return self


_PARTY = "party_"
_RENAMED = {
    "order_note": ("head", "note"),
    "order_destination": ("head", "destination"),
    "order_requirements": ("head", "special_requirements"),
}


def _build_fields() -> dict[str, tuple[str, str]]:
    fields = {name: ("line", name) for name in IncomingLine.model_fields if name != "extra"}
    hidden = {"party", "extra", *(name for _, name in _RENAMED.values())}
    fields |= {name: ("head", name) for name in IncomingHead.model_fields if name not in hidden}
    fields |= _RENAMED
    return fields | {f"{_PARTY}{name}": ("party", name) for name in Party.model_fields}


ROW_FIELDS: Mapping[str, tuple[str, str]] = _build_fields()
"""Every field that a row can have, and where it goes: to head, party or line, and the name there.

Other fields may be named ``extra_…`` (kept with the line) or ``order_extra_…`` (kept with the order).
"""

FIELD_OF: Mapping[tuple[str, str], str] = {place: field for field, place in ROW_FIELDS.items()}
"""The row's field of a place, the other way round."""

EXTRA, ORDER_EXTRA = "extra_", "order_extra_"


def annotation_of(field: str) -> Any:
    """Return the type of a row's field."""
    place, name = ROW_FIELDS[field]
    models: dict[str, type[Part]] = {"head": IncomingHead, "party": Party, "line": IncomingLine}
    return models[place].model_fields[name].annotation


def is_row_field(field: str) -> bool:
    """Tell whether a row can have a field of that name."""
    return field in ROW_FIELDS or (field.startswith((EXTRA, ORDER_EXTRA)) and not field.endswith("_"))
