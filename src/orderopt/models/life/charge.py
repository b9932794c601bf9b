"""Charges: what a customer owes beside the lines of the order, for example a cancellation fee."""

from __future__ import annotations

from typing import Annotated

from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.measure import Money
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class Charge(Part):
    """A sum for something that is not delivered; an invoice may name it by its id.

    Attributes
    ----------
    amount
        Before tax, in the order's currency.
    change_id
        The change that caused it; None: the order was cancelled without one.
    """

    charge_id: Id
    kind: str = "change_fee"
    amount: Annotated[Money | None, Sensitivity.PRICE] = None
    at: Moment
    change_id: Id | None = None
    says: str = ""
