"""What every piece of a document has in common, and which of its fields are kept apart."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Sensitivity(StrEnum):
    """A mark on fields that are stored apart and shown only to roles that may see them.

    ``personal`` fields can be erased; ``price`` fields cannot, since books must be kept. Both must be optional:
    None is what a reader sees who may not see them. Use it as ``Annotated[str | None, Sensitivity.PERSONAL]``.
    """

    PERSONAL = "personal"
    PRICE = "price"


class Part(BaseModel):
    """A frozen piece of a document or of an event."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
