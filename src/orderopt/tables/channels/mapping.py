"""What a channel's files look like, declared: which column is what, how numbers and dates are written."""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from orderopt.errors import InputError
from orderopt.models.finding import Finding
from orderopt.models.life.incoming import ROW_FIELDS, Channel, is_row_field

VITAL = ("external_ref", "item_id", "quantity")
"""Fields without which a row is no line of an order: a column or a constant must give them."""


MESSAGES = ("json", "order-x")
"""Formats in which orders hold lines; in others each line is a row."""


class _Form(BaseModel, frozen=True, extra="forbid"):
    """A part of a mapping."""


class FileForm(_Form):
    """How a file is laid out.

    Attributes
    ----------
    encodings
        Tried one after the other; a byte order mark of UTF-16 decides by itself.
    delimiter
        None: the one of ``, ; tab |`` that finds the most columns.
    sheet
        Name of a workbook's sheet; None: the first.
    header_row
        Row with the names of the columns; 0: there is none, and columns are called ``1``, ``2``, ….
    orders, lines
        JSON: path to the list of orders (empty: the document is the list), and from an order to its lines.
    """

    encodings: tuple[str, ...] = Field(default=("utf-8-sig",), min_length=1)
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=0)] = 1
    orders: str = "orders"
    lines: str = "lines"

    @field_validator("encodings")
    @classmethod
    def _check_encodings(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            try:
                codecs.lookup(name)
            except LookupError:
                raise ValueError(f"{name!r} is no encoding; give one such as utf-8-sig, cp950 or cp1252") from None
        return names


class NumberForm(_Form):
    """How numbers are written: the sign before the decimals, and the one between thousands (empty: none)."""

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""

    @model_validator(mode="after")
    def _check_signs(self) -> NumberForm:
        if self.decimal == self.thousands:
            raise ValueError(f"{self.decimal!r} cannot be the sign of decimals and of thousands")
        return self


class DateForm(_Form):
    """How dates are written.

    Attributes
    ----------
    formats
        In the letters of ``strptime``, for example ``%d.%m.%Y``; tried one after the other. Empty: ISO 8601.
    zone
        Time zone of times without offset.
    time
        What a date without time means: ``00:00`` is its begin, ``24:00`` its end.
    """

    formats: tuple[str, ...] = ()
    zone: str = "UTC"
    time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")] = "00:00"

    @field_validator("formats")
    @classmethod
    def _check_formats(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for one in formats:
            try:
                again = datetime.strptime(datetime(2026, 12, 31).strftime(one), one)  # noqa: DTZ007  # a day
            except ValueError:
                raise ValueError(f"{one!r} is no date format; write it like %d.%m.%Y") from None
            if again.date() != datetime(2026, 12, 31).date():
                raise ValueError(f"{one!r} does not say day, month and year; write it like %d.%m.%Y")
        return formats

    @field_validator("zone")
    @classmethod
    def _check_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{name!r} is no time zone; write it like Asia/Taipei") from None
        return name


class Mark(_Form):
    """Rows that are told by a word in one column, and are no line of an order.

    Attributes
    ----------
    role
        ``skip``: says nothing. ``order``: says what holds for the rows after it, up to the next one. ``totals``:
        says what the file holds.
    column, equals
        Where the word stands, and the word.
    columns
        Of an ``order`` row: its columns by field.
    totals
        Of a ``totals`` row: columns by total (orders, lines, quantity, amount).
    required
        Of a ``totals`` row: without one the file counts as cut off and is refused.
    """

    role: Literal["skip", "order", "totals"]
    column: str
    equals: str
    columns: Mapping[str, str] = Field(default_factory=dict)
    totals: Mapping[Literal["orders", "lines", "quantity", "amount"], str] = Field(default_factory=dict)
    required: bool = True


class ChannelMapping(_Form):
    """How the files of a channel become orders.

    Attributes
    ----------
    columns
        Column by field (:data:`~orderopt.models.life.incoming.ROW_FIELDS`); of several names the first that the
        file has and that is filled in. In messages: a path from the order (``order.buyer.id``) or from the line
        (``line.sku``).
    by_name
        Whether columns that are named like fields are used without being listed.
    constants
        Text by field, for rows where the column is not there or empty.
    words
        By field: what the sender's words mean, for example units or item codes. The word ``*`` stands for any.
    customer_items
        By customer: their own item codes.
    totals
        Of messages: paths from the document to what it says is in it.
    """

    channel: Channel
    format: Literal["csv", "excel", "json", "order-x"] = "csv"
    file: FileForm = FileForm()
    columns: Mapping[str, str | tuple[str, ...]] = Field(default_factory=dict)
    by_name: bool = False
    constants: Mapping[str, str] = Field(default_factory=dict)
    numbers: NumberForm = NumberForm()
    dates: DateForm = DateForm()
    words: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    customer_items: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    totals: Mapping[Literal["orders", "lines", "quantity", "amount"], str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_fields(self) -> ChannelMapping:
        faults = list(self._find_faults())
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def _find_faults(self) -> Iterator[str]:
        parts = {"columns": self.columns, "constants": self.constants, "words": self.words}
        parts |= {f"marks.{place}.columns": mark.columns for place, mark in enumerate(self.marks)}
        for part, names in parts.items():
            for name in names:
                if not is_row_field(name):
                    yield f"{part}: {name!r} is no field; fields are {', '.join(ROW_FIELDS)} and extra_…"
        said = {*self.columns, *self.constants, *(name for mark in self.marks for name in mark.columns)}
        for name in VITAL:
            if name not in said and not self.by_name:
                yield f"columns: nothing says which column is {name}"
        is_message = self.format in MESSAGES
        if is_message and self.marks:
            yield "marks: a message has no rows to mark"
        if not is_message and self.totals:
            yield "totals: paths are for messages; use a mark with the role totals"
        for path in [path for name in self.columns for path in self.names_of(name)] if is_message else ():
            if not path.startswith(("order.", "line.")):
                yield f"columns: {path!r} must begin with order. or line."

    def names_of(self, field: str) -> tuple[str, ...]:
        """Return the columns that a field may stand in."""
        names = self.columns.get(field, ())
        return (names,) if isinstance(names, str) else names


def list_mappings() -> tuple[str, ...]:
    """Return the names of the mappings that come with orderopt."""
    return tuple(
        sorted(entry.name.removesuffix(".toml") for entry in _BUILT_IN.iterdir() if entry.name.endswith(".toml"))
    )


_BUILT_IN = files("orderopt.tables.channels") / "mappings"


def read_mapping(source: str | Path | Mapping[str, Any] | ChannelMapping) -> ChannelMapping:
    """Return a channel's mapping.

    Parameters
    ----------
    source
        Name of a mapping that comes with orderopt (:func:`list_mappings`), a TOML file, or its content as a dict.
        With ``extends = "marketplace"`` it begins from one that comes with orderopt and says what differs; of
        tables such as ``columns`` each entry.

    Raises
    ------
    InputError
        If it cannot be read, or with everything that is wrong in it.

    Examples
    --------
    >>> read_mapping("marketplace").channel
    'marketplace'
    """
    if isinstance(source, ChannelMapping):
        return source
    if isinstance(source, Mapping):
        return _build(source, "the mapping")
    name = str(source)
    if name in list_mappings():
        return _build(_read_built_in(name), name)
    path = Path(source)
    if not path.exists():
        raise InputError(f"there is no mapping {name!r}: give a TOML file or one of {', '.join(list_mappings())}")
    try:
        return _build(tomllib.loads(path.read_text("utf-8-sig")), path.name)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"mapping {path} cannot be read: {error}") from error


def _read_built_in(name: str) -> dict[str, Any]:
    return tomllib.loads((_BUILT_IN / f"{name}.toml").read_text("utf-8"))


def _extend(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    base = content.get("extends")
    if base is None:
        return dict(content)
    if base not in list_mappings():
        says = f"extends {base!r}, which is none of {', '.join(list_mappings())}"
        raise InputError(f"{name} {says}", [Finding(code="BAD_MAPPING", table=name, column="extends", says=says)])
    whole = _read_built_in(str(base))
    for key, value in content.items():
        is_table = isinstance(value, Mapping) and isinstance(whole.get(key), dict)
        whole[key] = {**whole[key], **value} if is_table else value
    del whole["extends"]
    return whole


def _build(content: Mapping[str, Any], name: str) -> ChannelMapping:
    try:
        return ChannelMapping.model_validate(_extend(content, name))
    except ValidationError as error:
        findings = [
            Finding(
                code="BAD_MAPPING",
                table=name,
                column=".".join(str(step) for step in fault["loc"]) or None,
                says=says,
                mend="correct the mapping",
            )
            for fault in error.errors(include_url=False)
            for says in fault["msg"].removeprefix("Value error, ").splitlines()
        ]
        raise InputError(f"{name} is no mapping: {len(findings)} faults", findings) from None
