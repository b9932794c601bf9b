"""From foreign cells to plain texts: numbers with a point, ISO 8601 times, words of orderopt."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, get_origin
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from orderopt.models.life.incoming import RowFault, annotation_of
from orderopt.models.record import unwrap
from orderopt.tables.cells import Fault, Noted, is_blank, read_moment, read_number, read_text, show
from orderopt.tables.channels.mapping import ChannelMapping, DateForm, NumberForm
from orderopt.tables.text import number_text

ANY = "*"
"""As a word of the sender: any that has no meaning of its own."""

_SHARES = frozenset({"discount", "over", "under"})
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_BLANKS = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")


def translate(
    cells: Mapping[str, Any], columns: Mapping[str, Sequence[str]], mapping: ChannelMapping
) -> tuple[dict[str, str], list[RowFault]]:
    """Return what cells say, by field, and what of it cannot be read.

    Parameters
    ----------
    cells
        Cells by column.
    columns
        Columns of each field, of those that the file has; the first that is filled in counts.
    """
    said: dict[str, str] = {}
    faults: list[RowFault] = []
    for field, names in columns.items():
        cell = next((cells[name] for name in names if not is_blank(cells.get(name))), None)
        if is_blank(cell):
            continue
        word = _translate_word(field, cell, mapping)
        text = _reader_of(field)(field, cell, mapping) if word is None else word
        if isinstance(text, Fault):
            told = {"code": text.code, "reason": text.says, "expected": text.expected}
            faults.append(RowFault(field=field, value=show(cell), **told))
        elif text:
            said[field] = text
    for field, constant in mapping.constants.items():
        if field not in said and all(fault.field != field for fault in faults):
            said[field] = constant
    own_codes = mapping.customer_items.get(said.get("customer_id", ""), {})
    if said.get("item_id") in own_codes:
        said["item_id"] = own_codes[said["item_id"]]
    return said, faults


def _translate_word(field: str, cell: Any, mapping: ChannelMapping) -> str | None:
    words = mapping.words.get(field)
    if not words:
        return None
    text = read_text(cell)
    return words.get(text.strip(), words.get(ANY)) if isinstance(text, str) else None


@cache
def _reader_of(field: str) -> Callable[[str, Any, ChannelMapping], str | Fault]:
    if field.startswith(("extra_", "order_extra_")):
        return _read_text
    plain, _ = unwrap(annotation_of(field))
    if plain is Decimal:
        return _read_number
    if plain in (datetime, AwareDatetime):
        return _read_moment
    return _read_list if get_origin(plain) is tuple else _read_text


def _read_text(field: str, cell: Any, mapping: ChannelMapping) -> str | Fault:
    text = read_text(cell)
    return " ".join(text.split()) if isinstance(text, str) else text


def _read_list(field: str, cell: Any, mapping: ChannelMapping) -> str | Fault:
    text = read_text(cell)
    return re.sub(r"\s*[;,|\n]\s*", "; ", text.strip()) if isinstance(text, str) else text


def _read_number(field: str, cell: Any, mapping: ChannelMapping) -> str | Fault:
    is_percent = field in _SHARES and isinstance(cell, str) and cell.rstrip().endswith("%")
    number = parse_number(cell.rstrip().removesuffix("%") if is_percent else cell, mapping.numbers)
    if isinstance(number, Fault):
        return number
    return number_text(number.scaleb(-2) if is_percent else number)


def parse_number(cell: Any, form: NumberForm) -> Decimal | Fault:
    """Return an exact number, written as a channel does; signs between thousands must stand where they belong."""
    if not isinstance(cell, str):
        return read_number(cell)
    text = cell.strip() if form.thousands != " " else _BLANKS.sub(" ", cell.strip())
    example = f"1{form.thousands}234{form.decimal}5"
    whole, sign, places = text.partition(form.decimal)
    if form.thousands and form.thousands in whole:
        groups = whole.lstrip("+-").split(form.thousands)
        if not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
            return Fault("BAD_VALUE", "is not a number", f"a number such as {example}")
        whole = whole.replace(form.thousands, "")
    text = f"{whole}.{places}" if sign else whole
    if not _PLAIN.fullmatch(text) or len(text) > 40:
        return Fault("BAD_VALUE", "is not a number", f"a number such as {example}")
    return Decimal(text)


def _read_moment(field: str, cell: Any, mapping: ChannelMapping) -> str | Fault:
    form = mapping.dates
    value = _parse_date(cell, form)
    if isinstance(value, Fault):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        value = _at_time(value, form)
    found = read_moment(value, ZoneInfo(form.zone))
    if isinstance(found, Fault):
        return found
    moment = found.value if isinstance(found, Noted) else found
    return str(moment.isoformat())


def _parse_date(cell: Any, form: DateForm) -> datetime | date | str | Fault:
    if isinstance(cell, datetime):
        # A workbook keeps a date as its midnight.
        return cell.date() if cell.time() == time() and cell.tzinfo is None else cell
    if isinstance(cell, date):
        return cell
    text = read_text(cell) if not isinstance(cell, float) else str(cell)
    if isinstance(text, Fault):
        return text
    text = text.strip()
    for one in form.formats:
        try:
            moment = datetime.strptime(text, one)  # noqa: DTZ007  # the channel's zone is added later
        except ValueError:
            continue
        return moment if re.search("%[HIcXsT]", one) else moment.date()
    if form.formats:
        return Fault("BAD_VALUE", "is no date of the channel", f"written as {' or '.join(form.formats)}")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return Fault("BAD_VALUE", "is no date", "a day of the calendar")
    return text


def _at_time(day: date, form: DateForm) -> datetime:
    hours, minutes = map(int, form.time.split(":"))
    return datetime.combine(day, time()) + timedelta(hours=hours, minutes=minutes)
