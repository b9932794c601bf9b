"""What a customer says when an order is complete."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.moment import Moment


class Feedback(Part):
    """Asked for at completion, answered by the customer or by whom the customer told.

    Attributes
    ----------
    rating
        From 1, bad, to 5, good.
    """

    asked_at: Moment
    answered_at: Moment | None = None
    answered_by: str | None = None
    rating: Annotated[int | None, Field(ge=1, le=5)] = None
    says: Annotated[str | None, Sensitivity.PERSONAL] = None
