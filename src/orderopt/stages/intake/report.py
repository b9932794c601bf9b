"""What came of receiving orders, in figures and findings."""

from __future__ import annotations

from typing import Literal

from orderopt.models.finding import Finding
from orderopt.models.life.batch import TotalsDifference
from orderopt.models.life.part import Part


class Placed(Part):
    """What became of one order that came in.

    Attributes
    ----------
    outcome
        ``new``: it is a draft now. ``unchanged``: it was there with this content, nothing changed.
        ``change_requested``: it was there with another content and stays as it is; `change_id` names the draft
        of a change request. ``question_asked``: it differs in something that no change request can say.
        ``lines_added``: corrected rows joined their draft.
    duplicates
        Orders that it is likely the same as; it is held.
    says
        The same in a sentence.
    findings
        Warnings.
    """

    order_id: str
    outcome: Literal["new", "unchanged", "change_requested", "question_asked", "lines_added"]
    says: str
    change_id: str | None = None
    duplicates: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


class BatchReport(Part):
    """What became of a batch, or of rows that were released from its quarantine.

    Attributes
    ----------
    is_known
        The same file or message was received before under the same policy; nothing changed.
    num_rows, num_accepted, num_quarantined
        Rows of the whole batch as it is now; the last two add up to the first.
    placed
        What became of each order.
    findings
        Every fault of a row in quarantine, and warnings.
    differences
        Control totals that do not agree with what the sender declared.
    """

    batch_id: str
    is_known: bool = False
    num_rows: int
    num_accepted: int
    num_quarantined: int
    placed: tuple[Placed, ...] = ()
    findings: tuple[Finding, ...] = ()
    differences: tuple[TotalsDifference, ...] = ()

    @property
    def new_orders(self) -> tuple[str, ...]:
        """Orders that were not there before."""
        return self._with("new")

    @property
    def unchanged_orders(self) -> tuple[str, ...]:
        """Orders that were there with the same content."""
        return self._with("unchanged")

    @property
    def changes(self) -> tuple[str, ...]:
        """Drafts of change requests."""
        return tuple(one.change_id for one in self.placed if one.change_id is not None)

    @property
    def held_orders(self) -> tuple[str, ...]:
        """Orders that are held as likely duplicates."""
        return tuple(one.order_id for one in self.placed if one.duplicates)

    def _with(self, outcome: str) -> tuple[str, ...]:
        return tuple(one.order_id for one in self.placed if one.outcome == outcome)
