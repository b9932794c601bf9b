"""What happens to a batch: received, rows corrected, released or discarded, a difference of totals accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from orderopt.models.life.batch import Batch, RowState
from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.incoming import RowFault, Totals
from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.record import Id


class BatchReceived(Payload):
    """A file or message came in."""

    batch: Batch

    def apply(self, document: Batch | None, stamp: Stamp) -> Batch:
        """Begin it."""
        return self.batch


class RowCorrected(Payload):
    """Someone put right what a row in quarantine says; `faults` is what is still the matter with it."""

    row: int
    fields: Annotated[Mapping[str, str] | None, Sensitivity.PERSONAL] = None
    faults: tuple[RowFault, ...]
    unread: tuple[RowFault, ...] = ()
    counted: Totals
    customer_id: str | None = None

    def apply(self, document: Batch, stamp: Stamp) -> Batch:
        """Put the new fields in place of the old."""
        said = {"fields": self.fields, "faults": self.faults, "unread": self.unread, "counted": self.counted}
        who = {"customer_id": self.customer_id, "corrected_by": stamp.actor, "corrected_at": stamp.at}
        return document.with_row(document.row(self.row).model_copy(update=said | who))


class RowReleased(Part):
    """A row and the order that it went into."""

    row: int
    order_id: Id


class RowsReleased(Payload):
    """Rows left the quarantine for orders."""

    rows: tuple[RowReleased, ...]

    def apply(self, document: Batch, stamp: Stamp) -> Batch:
        """Mark the rows."""
        for released in self.rows:
            update = {"state": RowState.RELEASED, "order_id": released.order_id, "faults": ()}
            document = document.with_row(document.row(released.row).model_copy(update=update))
        return document


class RowDiscarded(Payload):
    """A row will never become part of an order; it stays readable."""

    row: int

    def apply(self, document: Batch, stamp: Stamp) -> Batch:
        """Mark the row."""
        return document.with_row(document.row(self.row).model_copy(update={"state": RowState.DISCARDED}))


class DifferenceAccepted(Payload):
    """Someone answers for control totals that do not agree."""

    def apply(self, document: Batch, stamp: Stamp) -> Batch:
        """Note who, when and why."""
        return document.model_copy(
            update={
                "difference_accepted_by": stamp.actor,
                "difference_accepted_at": stamp.at,
                "difference_why": stamp.why,
            }
        )
