"""What becomes of supply and reservations that a change leaves without a demand."""

from __future__ import annotations

from enum import StrEnum

from orderopt.models.life.part import Part
from orderopt.models.life.quantities import Count
from orderopt.models.record import Id


class Holding(StrEnum):
    """Where a committed quantity is."""

    STOCK = "stock"
    SUPPLY = "supply"


class Fate(StrEnum):
    """What becomes of it; one of these for every quantity."""

    RE_PEG = "re_peg"
    FREE = "free"
    CANCEL = "cancel"
    FINISH = "finish"
    SCRAP = "scrap"


class Orphan(Part):
    """A quantity that was meant for a line, or for a supply order as its component, and no longer is.

    Attributes
    ----------
    holding, key
        The stock ledger (``item@site``) or the supply order.
    line_no
        The line of the changed order that it was for, in the end.
    parent_id
        The supply order whose component it is; None: it was for the line itself.
    """

    holding: Holding
    key: Id
    item_id: Id
    quantity: Count
    line_no: Id
    parent_id: Id | None = None


class Disposition(Part):
    """What becomes of an orphaned quantity, or of a part of it.

    Attributes
    ----------
    to_order, to_line
        Where it is pegged to from now on.
    says
        Why this, in words; a person who chose it is the actor of the event.
    """

    holding: Holding
    key: Id
    item_id: Id
    quantity: Count
    fate: Fate
    line_no: Id
    parent_id: Id | None = None
    to_order: Id | None = None
    to_line: Id | None = None
    says: str = ""
