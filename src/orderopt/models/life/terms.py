"""Payment terms: when an invoice is due, and what an early payment may keep back."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from orderopt.errors import InputError
from orderopt.models.life.part import Part

_DISCOUNT = re.compile(r"(?P<percent>\d+(?:\.\d+)?)\s*%?\s*/\s*(?P<days>\d+)\b")
_NET = re.compile(r"^(?:net|n)?\s*(?P<days>\d+)(?:\s*days?)?$")
_AT_ONCE = frozenset({"prepaid", "advance", "immediate", "due on receipt", "cash"})
_MONTH_END = re.compile(r"\b(?:eom|end of month)\b")


class PaymentTerms(Part):
    """When to pay.

    Attributes
    ----------
    net_days
        Days from the invoice to the due date.
    discount, discount_days
        The share that may be kept back by who pays within so many days.
    end_of_month
        Whether the days lead on to the end of the month that they end in.
    prepaid
        Whether payment comes before the goods.
    """

    net_days: Annotated[int, Field(ge=0)] = 0
    discount: Annotated[Decimal, Field(ge=0, lt=1)] = Decimal(0)
    discount_days: Annotated[int, Field(ge=0)] = 0
    end_of_month: bool = False
    prepaid: bool = False

    def find_due(self, issued_on: date) -> date:
        """Return the day by which an invoice of a day is to be paid.

        Examples
        --------
        >>> parse_terms("net 30 end of month").find_due(date(2026, 1, 15))
        datetime.date(2026, 2, 28)
        """
        due = issued_on + timedelta(days=self.net_days)
        return due.replace(day=monthrange(due.year, due.month)[1]) if self.end_of_month else due

    def find_discount_end(self, issued_on: date) -> date | None:
        """Return the last day of the early payment discount, or None if there is none."""
        return issued_on + timedelta(days=self.discount_days) if self.discount else None


def parse_terms(text: str) -> PaymentTerms:
    """Return the terms that a text means.

    Known are ``net30``, ``30 days``, ``2/10 net 30`` (2 % off within 10 days), ``eom`` or ``end of month`` after
    either, and ``prepaid``, ``immediate``, ``due on receipt``.

    Raises
    ------
    InputError
        If the text is none of these.

    Examples
    --------
    >>> terms = parse_terms("2/10 net 30")
    >>> terms.net_days, terms.discount, terms.discount_days
    (30, Decimal('0.02'), 10)
    """
    rest = " ".join(text.lower().replace(",", " ").split())
    if rest in _AT_ONCE:
        return PaymentTerms(prepaid=rest in {"prepaid", "advance"})
    found = _DISCOUNT.search(rest)
    rest = _DISCOUNT.sub("", rest, count=1).strip()
    is_month_end = _MONTH_END.search(rest) is not None
    rest = _MONTH_END.sub("", rest).strip()
    net = _NET.match(rest)
    if net is None and not (is_month_end and rest in ("", "net")):
        raise InputError(f"payment terms {text!r} are not known; write for example net30, 2/10 net 30, prepaid or eom")
    return PaymentTerms(
        net_days=int(net["days"]) if net else 0,
        discount=Decimal(found["percent"]) / 100 if found else Decimal(0),
        discount_days=int(found["days"]) if found else 0,
        end_of_month=is_month_end,
    )
