"""Looking at batches: what came in, what waits."""

from __future__ import annotations

from typing import ClassVar

from orderopt.models.life.batch import Batch
from orderopt.models.life.incoming import Channel
from orderopt.models.life.roles import Role
from orderopt.models.life.sensitive import mask
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does

_READERS = frozenset(
    {Role.SALES, Role.FIRST_REVIEWER, Role.SECOND_REVIEWER, Role.FINANCE, Role.ADMINISTRATOR, Role.AUDITOR}
)


class ShowBatch(Command):
    """Return a batch with its quarantine; what its rows say is shown to those who may see personal data."""

    ROLES: ClassVar[frozenset[Role]] = _READERS

    batch_id: Id


class ListBatches(Command):
    """Return batches, the oldest first.

    Attributes
    ----------
    channel
        Only those of one channel.
    is_waiting
        Only those with (or without) rows that wait in quarantine.
    """

    ROLES: ClassVar[frozenset[Role]] = _READERS

    channel: Channel | None = None
    is_waiting: bool | None = None


@does(ShowBatch)
def show_batch(command: ShowBatch, book: Book) -> Batch:
    """Return the batch, masked for the actor."""
    return mask(book.need(Batch, command.batch_id), book.actor.sees)


@does(ListBatches)
def list_batches(command: ListBatches, book: Book) -> list[Batch]:
    """Return the batches, masked for the actor."""
    where = {
        "channel": command.channel,
        "waiting": None if command.is_waiting is None else str(int(command.is_waiting)),
    }
    found = book.find(Batch, {name: value for name, value in where.items() if value is not None})
    return [mask(batch, book.actor.sees) for batch in sorted(found, key=lambda batch: (batch.received_at, batch.key))]
