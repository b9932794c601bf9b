"""From what a row says, as text, to a head and a line; what cannot be read becomes a fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, get_origin
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from orderopt.models.life.incoming import (
    EXTRA,
    ORDER_EXTRA,
    ROW_FIELDS,
    IncomingHead,
    IncomingLine,
    IncomingRow,
    RowFault,
    annotation_of,
    is_row_field,
)
from orderopt.models.life.party import Party
from orderopt.models.record import unwrap

NUMBER_EXPECTED = "a plain number such as 12 or 12.5"
MOMENT_EXPECTED = "an ISO 8601 time such as 2026-01-05T08:00+01:00, or a date"

_NUMBER = re.compile(r"[+-]?[0-9]{1,24}(\.[0-9]{1,24})?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?\s?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_YEARS = range(1970, 2262)
_WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True)
class Parsed:
    """A row as values; where there are faults, what they are about is None."""

    row: int
    head: IncomingHead
    line: IncomingLine
    faults: tuple[RowFault, ...] = ()


class _UnreadableError(Exception):
    def __init__(self, code: str, says: str, expected: str) -> None:
        self.code, self.says, self.expected = code, says, expected
        super().__init__(says)


def parse_row(row: IncomingRow, zone: ZoneInfo) -> Parsed:
    """Return what a row says as values.

    Parameters
    ----------
    zone
        Time zone of times without offset.
    """
    if row.fields is None:
        return Parsed(row.row, IncomingHead(), IncomingLine(), (RowFault(code="ERASED", reason="its text is erased"),))
    faults = list(row.faults)
    told = {fault.field for fault in faults}
    places: dict[str, dict[str, Any]] = {"head": {}, "line": {}, "party": {}}
    extra: dict[str, str] = {}
    order_extra: dict[str, str] = {}
    for field, cell in row.fields.items():
        text = cell.strip()
        if not text:
            continue
        if not is_row_field(field):
            known = f"one of {', '.join(ROW_FIELDS)}, or extra_…"
            faults.append(RowFault(field=field, code="UNKNOWN_FIELD", reason="is no field of a row", expected=known))
        elif field.startswith(ORDER_EXTRA):
            order_extra[field.removeprefix(ORDER_EXTRA)] = text
        elif field.startswith(EXTRA):
            extra[field.removeprefix(EXTRA)] = text
        else:
            place, name = ROW_FIELDS[field]
            try:
                places[place][name] = _reader_of(field)(text, zone)
            except _UnreadableError as error:
                if field not in told:
                    told_so = {"code": error.code, "reason": error.says, "expected": error.expected}
                    faults.append(RowFault(field=field, value=text[:80], **told_so))
    head = IncomingHead(**places["head"], party=Party(**places["party"]), extra=order_extra)
    return Parsed(row.row, head, IncomingLine(**places["line"], extra=extra), tuple(faults))


@cache
def _reader_of(field: str) -> Callable[[str, ZoneInfo], Any]:
    plain, _ = unwrap(annotation_of(field))
    if plain is Decimal:
        return _read_number
    if plain in (datetime, AwareDatetime):
        return _read_moment
    if plain is bool:
        return _read_flag
    if get_origin(plain) is tuple:
        return _read_words
    return _read_pairs if get_origin(plain) is Mapping else _read_text


def _read_text(text: str, zone: ZoneInfo) -> str:
    if "\n" in text or "\r" in text or "\x00" in text or len(text) > 2000:
        raise _UnreadableError("BAD_VALUE", "has line breaks or is too long", "text in one line")
    return text


def _read_number(text: str, zone: ZoneInfo) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise _UnreadableError("BAD_VALUE", "is not a number", NUMBER_EXPECTED)
    return Decimal(text)


def _read_moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise _UnreadableError("BAD_VALUE", "is not a time", MOMENT_EXPECTED)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _read_flag(text: str, zone: ZoneInfo) -> bool:
    if text.lower() not in _WORDS:
        raise _UnreadableError("BAD_VALUE", "is neither yes nor no", "1, 0, true, false, yes or no")
    return _WORDS[text.lower()]


def _read_words(text: str, zone: ZoneInfo) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(";") if word.strip())


def _read_pairs(text: str, zone: ZoneInfo) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    if not all(name.strip() and sign and value.strip() for name, sign, value in pairs):
        raise _UnreadableError("BAD_VALUE", "is no list of characteristics", "name=value; name=low..high")
    return {name.strip(): value.strip() for name, _, value in pairs}
