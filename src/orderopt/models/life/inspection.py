"""Inspections: what was measured, what passed, and whether it is what was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from pydantic import Field

from orderopt.models.life.part import Part
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.moment import Moment
from orderopt.models.record import Id

Measured = Mapping[str, tuple[str, ...]]
"""Measured values by characteristic; several values are several samples."""


class Inspection(Part):
    """One inspection of a quantity of a line.

    Attributes
    ----------
    source, inspection_id
        Who inspected, and the sender's name for it; together they count once.
    passed, rejected, rework
        How much is good, cannot be used, or goes back and is inspected again; below 0 corrects.
    scrapped
        Of the rejected, what is thrown away.
    confirms
        Whether every characteristic that the line asks for was measured and fits.
    """

    source: Id
    inspection_id: Id
    line_no: Id
    inspected_at: Moment
    passed: Count = ZERO
    rejected: Count = ZERO
    rework: Count = ZERO
    scrapped: Count = ZERO
    measured: Measured = Field(default_factory=dict)
    reason: Id | None = None
    confirms: bool = True

    @property
    def name(self) -> tuple[str, str]:
        """Source and id."""
        return self.source, self.inspection_id


def find_deviations(spec: Mapping[str, str], measured: Measured) -> Iterator[tuple[str, str, str]]:
    """Yield characteristic, what is asked for and what was measured, wherever they do not fit.

    A range is written ``low..high`` with both ends allowed; one end may be left out.

    Examples
    --------
    >>> list(find_deviations({"width": "9.9..10.1", "colour": "red"}, {"width": ("10.05", "10.2")}))
    [('width', '9.9..10.1', '10.2'), ('colour', 'red', 'nothing')]
    """
    for name, asked in spec.items():
        values = measured.get(name, ())
        if not values:
            yield name, asked, "nothing"
        for value in values:
            if not fits(asked, value):
                yield name, asked, value


def fits(asked: str, value: str) -> bool:
    """Tell whether a measured value is what is asked for; numbers are compared as numbers."""
    asked, value = asked.strip(), value.strip()
    if asked == value:
        return True
    number = _read(value)
    if number is None:
        return False
    if ".." not in asked:
        return _read(asked) == number
    low, high = (part.strip() for part in asked.split("..", 1))
    return _is_within(number, low, high)


def _is_within(number: Decimal, low: str, high: str) -> bool:
    ends = _read(low), _read(high)
    if (low and ends[0] is None) or (high and ends[1] is None) or not (low or high):
        return False
    return (ends[0] is None or ends[0] <= number) and (ends[1] is None or number <= ends[1])


def _read(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
