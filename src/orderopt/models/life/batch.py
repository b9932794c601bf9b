"""Batches: what one file or message brought, what of it became orders, and what waits in quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from orderopt.errors import NotFoundError, QuantityError
from orderopt.models.finding import Finding
from orderopt.models.life.document import Document
from orderopt.models.life.incoming import IncomingRow, RowFault, Totals
from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.life.party import Personal
from orderopt.models.life.sensitive import write_json
from orderopt.models.moment import Moment
from orderopt.models.record import Id

Accept = Literal["all_or_nothing", "reject_failed_rows", "ignore_failed"]
"""What becomes of the good rows where others fail.

``all_or_nothing``: they wait with them. ``reject_failed_rows``: orders of which a row failed wait, others come
in. ``ignore_failed``: orders come in with the lines that are good.
"""


class RowState(StrEnum):
    """What became of a row that was put into quarantine."""

    WAITING = "waiting"
    RELEASED = "released"
    DISCARDED = "discarded"


class QuarantinedRow(Part):
    """A row that was not used.

    Attributes
    ----------
    fields
        What it says, corrections applied.
    faults, unread
        What is the matter with it; of that, what could not be read of the file and is not corrected yet.
    digest
        Of the row as it came: how it is known when it comes again.
    group
        Digest of the name of the order that it belongs to; rows of one order share it.
    counted
        What it counts for the control totals.
    customer_id
        Whom it is about, so that what is personal can be found.
    order_id
        The order that it was released into.
    """

    row: int
    raw: Personal = None
    fields: Annotated[Mapping[str, str] | None, Sensitivity.PERSONAL] = None
    faults: tuple[RowFault, ...]
    unread: tuple[RowFault, ...] = ()
    digest: str
    group: str
    counted: Totals
    state: RowState = RowState.WAITING
    customer_id: str | None = None
    order_id: Id | None = None
    corrected_by: str | None = None
    corrected_at: Moment | None = None

    @property
    def incoming(self) -> IncomingRow:
        """The row as it would come in now."""
        return IncomingRow(row=self.row, raw=self.raw, fields=self.fields, faults=self.unread)


class TotalsDifference(Part):
    """A control total that does not agree; counted None: a row does not let itself be counted."""

    name: str
    declared: Annotated[str | None, Sensitivity.PRICE] = None
    counted: Annotated[str | None, Sensitivity.PRICE] = None


class Batch(Document):
    """What one file or message brought.

    Attributes
    ----------
    num_rows, num_accepted, num_known
        Rows in it; those that went into orders at once; those that wait in an earlier batch already.
    num_orders
        Orders in it without a row in this quarantine, or with other rows that came in.
    totals
        Counted over the rows that are not in this quarantine.
    partial_groups
        Groups with a row in quarantine whose other rows came in.
    difference_accepted_by, difference_accepted_at, difference_why
        Who took responsibility for control totals that do not agree.
    """

    KIND: ClassVar[str] = "batch"

    batch_id: Id
    channel: Id
    source: str
    accept: Accept
    received_at: Moment
    num_rows: int
    num_accepted: int
    num_known: int = 0
    num_orders: int = 0
    declared: Totals = Totals()
    totals: Totals = Totals()
    rows: tuple[QuarantinedRow, ...] = ()
    partial_groups: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    difference_accepted_by: str | None = None
    difference_accepted_at: Moment | None = None
    difference_why: str | None = None

    @property
    def key(self) -> str:
        """The batch's id."""
        return self.batch_id

    def labels(self) -> Mapping[str, str]:
        """Return the channel, and whether rows wait in quarantine."""
        return {"channel": self.channel, "waiting": "1" if self.waiting else "0"}

    def claims(self) -> frozenset[str]:
        """Return a claim on every row in quarantine, so that it waits in one batch only."""
        return frozenset(name_row(self.channel, row.digest) for row in self.rows)

    @property
    def accepted(self) -> int:
        """Rows that are in orders by now."""
        return self.num_accepted + sum(row.state is RowState.RELEASED for row in self.rows)

    @property
    def quarantined(self) -> int:
        """Rows that are not: with those accepted, they are all rows."""
        return self.num_known + sum(row.state is not RowState.RELEASED for row in self.rows)

    @property
    def waiting(self) -> tuple[QuarantinedRow, ...]:
        """Rows that can be corrected and released."""
        return tuple(row for row in self.rows if row.state is RowState.WAITING)

    def row(self, number: int) -> QuarantinedRow:
        """Return a row of the quarantine by its number.

        Raises
        ------
        NotFoundError
            If there is none.
        """
        for row in self.rows:
            if row.row == number:
                return row
        raise NotFoundError(f"batch {self.key} has no row {number} in quarantine")

    def with_row(self, changed: QuarantinedRow) -> Self:
        """Return the batch with one row of the quarantine exchanged."""
        return self.model_copy(update={"rows": tuple(changed if row.row == changed.row else row for row in self.rows)})

    @property
    def counted(self) -> Totals:
        """Control totals over all rows, those in quarantine with their corrections."""
        groups = {row.group for row in self.rows} - self.partial_groups
        sums = add_totals([self.totals, *(row.counted for row in self.rows)])
        return sums.model_copy(update={"orders": self.num_orders + len(groups), "lines": self.num_rows})

    @property
    def differences(self) -> tuple[TotalsDifference, ...]:
        """Every declared total that is not what was counted."""
        counted = self.counted
        pairs = [(name, said, getattr(counted, name)) for name, said in self.declared]
        return tuple(
            TotalsDifference(name=name, declared=str(said), counted=None if found is None else str(found))
            for name, said, found in pairs
            if said is not None and said != found
        )

    @property
    def is_settled(self) -> bool:
        """Whether its control totals agree, or somebody has accepted that they do not."""
        return self.difference_accepted_by is not None or not self.differences

    def check(self) -> Self:
        """Return the batch itself if no row is lost and none is counted twice."""
        if self.num_accepted < 0 or self.accepted + self.quarantined != self.num_rows:
            raise QuantityError(
                f"batch {self.key}: {self.accepted} accepted and {self.quarantined} in quarantine are not "
                f"the {self.num_rows} rows that it has"
            )
        return self


def add_totals(parts: Iterable[Totals]) -> Totals:
    """Return quantity and amount summed up; one that cannot be counted leaves the sum unknown."""
    quantity, amount = Decimal(0), Decimal(0)
    is_quantity_known = is_amount_known = True
    for part in parts:
        is_quantity_known &= part.quantity is not None
        is_amount_known &= part.amount is not None
        quantity += part.quantity or 0
        amount += part.amount or 0
    return Totals(quantity=quantity if is_quantity_known else None, amount=amount if is_amount_known else None)


def name_row(channel: str, digest: str) -> str:
    """Return the claim on a row in quarantine."""
    return f"row/{channel}/{digest}"


def digest_of(*parts: object) -> str:
    """Return a short digest of anything that JSON can say."""
    return hashlib.sha256(write_json(parts).encode()).hexdigest()[:24]
