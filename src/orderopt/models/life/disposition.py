"""What becomes of supply, stock and goods that a change leaves without a demand."""

from __future__ import annotations

from enum import StrEnum

from orderopt.models.life.part import Part
from orderopt.models.life.quantities import Count
from orderopt.models.record import Id


class Holding(StrEnum):
    """Where a committed quantity is: reserved in stock, to come by a supply order, or made and taken already."""

    STOCK = "stock"
    SUPPLY = "supply"
    GOODS = "goods"


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
        A stock ledger (``item@site``), a supply order, or for goods the ledger that they would go to.
    order_id, line_no
        The line that it was for, in the end.
    parent_id
        The supply order whose component it is; None: it was for the line itself.
    """

    holding: Holding
    key: Id
    item_id: Id
    quantity: Count
    order_id: Id
    line_no: Id
    parent_id: Id | None = None


class Disposition(Orphan):
    """What becomes of an orphaned quantity, or of a part of it.

    Attributes
    ----------
    to_order, to_line
        Where it is pegged to from now on.
    code, says
        Why, in one word and in words, for example ``EXCESS``; who chose it is the actor of the event.
    """

    fate: Fate
    to_order: Id | None = None
    to_line: Id | None = None
    code: str = ""
    says: str = ""


class Choice(Part):
    """What a person wants to become of orphaned supply, in place of what the rule proposes.

    Attributes
    ----------
    key
        Of the orphan, as the impact names it.
    quantity
        How much of it; None: all.
    to_order, to_line
        For re-pegging, the demand; None: the next ones by date.
    """

    key: Id
    fate: Fate
    line_no: Id | None = None
    quantity: Count | None = None
    to_order: Id | None = None
    to_line: Id | None = None
