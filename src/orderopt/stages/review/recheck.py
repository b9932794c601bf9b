"""Looking at credit again when something else than a payment has changed, for example the limit."""

from __future__ import annotations

from typing import ClassVar

from orderopt.models.life.roles import Role
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.review.credit import release_credit_holds


class RecheckCredit(Command):
    """Lift the credit holds of a customer that are no longer needed, the oldest first."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    customer_id: Id


@does(RecheckCredit)
def recheck_credit(command: RecheckCredit, book: Book) -> tuple[str, ...]:
    """Return the orders whose hold is lifted."""
    return release_credit_holds(command.customer_id, book)
