"""Exact money: rounding to the minor unit of a currency by a named mode, and shares of a sum that add up again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from orderopt.errors import NotAllowedError
from orderopt.models.life.part import Sensitivity
from orderopt.models.measure import PLACES

ZERO = Decimal(0)

Price = Annotated[
    Annotated[Decimal, Field(decimal_places=PLACES, allow_inf_nan=False)] | None,
    Sensitivity.PRICE,
]
"""An amount of money, perhaps below 0; None is what a reader sees who may not see prices."""

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Rate = Annotated[Decimal, Field(gt=0, decimal_places=12, allow_inf_nan=False)]
"""What one unit of a currency is worth in another."""

_NO_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
MINOR_PLACES: Mapping[str, int] = {
    **dict.fromkeys(_NO_MINOR.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(_FOUR.split(), 4),
}
"""Decimal places of the minor unit by ISO 4217, where they are not 2."""


class Rounding(StrEnum):
    """How an amount between two minor units is rounded; half up is commercial rounding, away from 0 at a half."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"


_MODES = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.HALF_EVEN: ROUND_HALF_EVEN, Rounding.DOWN: ROUND_DOWN}


class Residual(StrEnum):
    """The line that bears what rounding leaves over: the last one, the first one, or the one of the largest amount."""

    LAST = "last"
    FIRST = "first"
    LARGEST = "largest"


def find_unit(currency: str, places: Mapping[str, int] | None = None) -> Decimal:
    """Return the smallest amount of a currency.

    Parameters
    ----------
    places
        Places that a company uses instead of ISO 4217's, for example ``{"TWD": 0}``.

    Examples
    --------
    >>> find_unit("EUR"), find_unit("JPY"), find_unit("TWD", {"TWD": 0})
    (Decimal('0.01'), Decimal('1'), Decimal('1'))
    """
    own = (places or {}).get(currency)
    return Decimal(1).scaleb(-(MINOR_PLACES.get(currency, 2) if own is None else own))


def round_to(amount: Decimal, unit: Decimal, mode: Rounding = Rounding.HALF_UP) -> Decimal:
    """Return an amount rounded to a unit, written with the unit's places.

    Examples
    --------
    >>> round_to(Decimal("2.345"), Decimal("0.01")), round_to(Decimal("2.345"), Decimal("0.01"), Rounding.HALF_EVEN)
    (Decimal('2.35'), Decimal('2.34'))
    """
    return amount.quantize(unit, rounding=_MODES[mode]) + ZERO  # -0.00 becomes 0.00


def find_residual_place(amounts: Sequence[Decimal], residual: Residual) -> int:
    """Return the position that bears the residual; of equally large amounts the first."""
    if residual is Residual.LAST:
        return len(amounts) - 1
    if residual is Residual.FIRST:
        return 0
    return max(range(len(amounts)), key=lambda position: (abs(amounts[position]), -position))


def round_together(
    amounts: Sequence[Decimal],
    unit: Decimal,
    mode: Rounding = Rounding.HALF_UP,
    *,
    residual: Residual = Residual.LARGEST,
    total: Decimal | None = None,
    at: int | None = None,
) -> tuple[tuple[Decimal, ...], int | None, Decimal]:
    """Round amounts so that they sum to their rounded sum.

    Parameters
    ----------
    total
        What they shall sum to instead, a multiple of the unit.
    at
        The position that bears the residual, instead of the one that `residual` names.

    Returns
    -------
    tuple
        The rounded amounts, the position that bears the residual (None: there is none), and the residual.

    Examples
    --------
    >>> thirds = [Decimal("3.335")] * 3
    >>> round_together(thirds, Decimal("0.01"), residual=Residual.LAST)
    ((Decimal('3.34'), Decimal('3.34'), Decimal('3.33')), 2, Decimal('-0.01'))
    """
    if not amounts:
        return (), None, ZERO
    rounded = [round_to(amount, unit, mode) for amount in amounts]
    left = (round_to(sum(amounts, ZERO), unit, mode) if total is None else total) - sum(rounded, ZERO)
    if not left:
        return tuple(rounded), None, ZERO
    place = find_residual_place(amounts, residual) if at is None else at
    rounded[place] += left
    return tuple(rounded), place, left


def spread(
    total: Decimal,
    weights: Sequence[Decimal],
    unit: Decimal,
    mode: Rounding = Rounding.HALF_UP,
    *,
    residual: Residual = Residual.LARGEST,
) -> tuple[Decimal, ...]:
    """Return shares of a total by weights, each a multiple of the unit, that sum to the total exactly.

    The total must be a multiple of the unit. Weights that sum to 0 count as equal.

    Examples
    --------
    >>> spread(Decimal("100.00"), [Decimal(1)] * 3, Decimal("0.01"), residual=Residual.LAST)
    (Decimal('33.33'), Decimal('33.33'), Decimal('33.34'))
    """
    if not weights:
        return ()
    whole = sum(weights, ZERO)
    used = [Decimal(1)] * len(weights) if whole == 0 else list(weights)
    whole = sum(used, ZERO)
    shares = [round_to(total * weight / whole, unit, mode) for weight in used]
    shares[find_residual_place(used, residual)] += total - sum(shares, ZERO)
    return tuple(shares)


def take_part(whole: Decimal, *, part: Decimal, of: Decimal, taken: Decimal, unit: Decimal) -> Decimal:
    """Return what the next part of a whole is worth, so that all parts together are worth the whole.

    Parameters
    ----------
    part
        How much of `of` is taken in all, with this part.
    taken
        What the parts before were worth.

    Examples
    --------
    >>> whole = Decimal("10.00")
    >>> first = take_part(whole, part=Decimal(1), of=Decimal(3), taken=Decimal(0), unit=Decimal("0.01"))
    >>> first, take_part(whole, part=Decimal(3), of=Decimal(3), taken=first, unit=Decimal("0.01"))
    (Decimal('3.33'), Decimal('6.67'))
    """
    return (whole if part == of else round_to(whole * part / of, unit)) - taken


def known(amount: Decimal | None) -> Decimal:
    """Return an amount that must be there to count with.

    Raises
    ------
    NotAllowedError
        If it is None: the document is shown to a role that may not see prices.
    """
    if amount is None:
        raise NotAllowedError("amounts are not shown to this role; ask someone who may see prices")
    return amount
