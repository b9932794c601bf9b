"""Quantities, money, minutes and shares: exact decimals with at most six places."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

PLACES = 6
"""Decimal places that quantities, money and minutes may have; more is refused, never rounded."""

_LIMIT = Decimal(10) ** 12

_Exact = Field(decimal_places=PLACES, allow_inf_nan=False, lt=_LIMIT)

Quantity = Annotated[Decimal, _Exact, Field(ge=0)]
PositiveQuantity = Annotated[Decimal, _Exact, Field(gt=0)]
Money = Annotated[Decimal, _Exact, Field(ge=0)]
PositiveMoney = Annotated[Decimal, _Exact, Field(gt=0)]
Minutes = Annotated[Decimal, _Exact, Field(ge=0)]
Weight = Annotated[Decimal, _Exact, Field(ge=0)]
PositiveWeight = Annotated[Decimal, _Exact, Field(gt=0)]
Rate = Annotated[Decimal, _Exact, Field(ge=0, le=1)]
Share = Annotated[Decimal, _Exact, Field(gt=0, le=1)]
