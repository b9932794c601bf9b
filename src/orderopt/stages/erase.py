"""Erasing what is personal of a customer who has nothing open any more."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from orderopt.errors import GuardError, NotFoundError
from orderopt.models.finding import Finding
from orderopt.models.life.account import Account, PartyKind, name_account
from orderopt.models.life.batch import Batch
from orderopt.models.life.document import Document
from orderopt.models.life.happened.privacy import PersonalDataErased
from orderopt.models.life.master import MasterRecord
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does


class EraseCustomer(Command):
    """Mark all personal data of a customer as erased; :meth:`OrderDesk.erase_customer` then erases it in the store.

    Refused with GuardError while an order of the customer is open or money is owed: both need a name. So do rows
    in quarantine; where none waits any more, the text of a whole batch is erased.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.ADMINISTRATOR})

    customer_id: Id
    reason: str = Field(min_length=1)


@does(EraseCustomer)
def mark_erased(command: EraseCustomer, book: Book) -> tuple[str, ...]:
    """Record the erasure in every document of the customer; return their streams."""
    orders = book.find(OrderCase, {"customer": command.customer_id})
    record = book.get(MasterRecord, f"customers/{command.customer_id}")
    account = book.get(Account, name_account(PartyKind.CUSTOMER, command.customer_id))
    batches = [batch for batch in book.find(Batch) if any(row.customer_id == command.customer_id for row in batch.rows)]
    named: tuple[Document | None, ...] = (*orders, *batches, record, account)
    found: list[Document] = [document for document in named if document is not None]
    if not found:
        raise NotFoundError(f"there is no customer {command.customer_id!r}")
    open_orders = [case for case in orders if case.labels()["open"] == "1"]
    findings = [
        Finding(code="ORDER_OPEN", subject=case.key, says=f"the order is {case.state}", mend="close or cancel it first")
        for case in open_orders
    ]
    findings += [
        Finding(
            code="ROWS_WAIT", subject=batch.key, says="rows wait in quarantine", mend="release or discard them first"
        )
        for batch in batches
        if batch.waiting
    ]
    if account is not None and account.items:
        owed = Finding(code="ACCOUNT_OPEN", subject=account.key, says="something is open", mend="settle it first")
        findings.append(owed)
    if findings:
        raise GuardError(f"customer {command.customer_id} cannot be erased yet", findings)
    for document in found:
        book.record(document, PersonalDataErased(), why=command.reason)
    return tuple(document.stream for document in found)
