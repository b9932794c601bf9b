"""All invoices and notes of one order together: what is left of each line, what is payable, what is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from orderopt.models.life.amounts import ZERO, known
from orderopt.models.life.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceLineKind


class Left(NamedTuple):
    """What is left of a line after credits: quantity, net, tax."""

    quantity: Decimal
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        """Net and tax."""
        return self.net + self.tax


@dataclass(frozen=True)
class OrderBills:
    """The documents of an order, in the order of their issue."""

    documents: tuple[Invoice, ...]

    @classmethod
    def of(cls, documents: Iterable[Invoice]) -> OrderBills:
        """Return the documents, sorted by day and number."""
        return cls(tuple(sorted(documents, key=lambda one: (one.issued_on, one.number))))

    def lines(self) -> Iterator[tuple[Invoice, InvoiceLine]]:
        """Yield every line with its document."""
        for document in self.documents:
            for line in document.lines:
                yield document, line

    @cached_property
    def _credited(self) -> dict[tuple[str | None, str | None], list[InvoiceLine]]:
        found: dict[tuple[str | None, str | None], list[InvoiceLine]] = defaultdict(list)
        for document, line in self.lines():
            if document.is_credit:
                found[line.of, line.of_line].append(line)
        return found

    def left(self, document: Invoice, line: InvoiceLine, *, allowances: bool = True) -> Left:
        """Return what is left of a line after all credits, or after those of quantities only."""
        credited = [
            one
            for one in self._credited.get((document.number, line.no), ())
            if allowances or one.kind is not InvoiceLineKind.ALLOWANCE
        ]
        return Left(
            line.quantity - sum((one.quantity for one in credited), ZERO),
            known(line.net) - sum((known(one.net) for one in credited), ZERO),
            known(line.tax) - sum((known(one.tax) for one in credited), ZERO),
        )

    def billed(self, like: InvoiceLine) -> Left:
        """Return what goods of the same line and price were invoiced for, less credits of quantities.

        Allowances are left out: what was let off a price is not to be charged again.
        """
        found = [
            self.left(document, line, allowances=False)
            for document, line in self.lines()
            if not document.is_credit and line.kind is InvoiceLineKind.GOODS and _price(line) == _price(like)
        ]
        return Left(*(sum(parts, ZERO) for parts in zip(*found, strict=True))) if found else Left(ZERO, ZERO, ZERO)

    @cached_property
    def _taken_off(self) -> dict[tuple[str | None, str | None], list[Left]]:
        found: dict[tuple[str | None, str | None], list[Left]] = defaultdict(list)
        for document, line in self.lines():
            if line.kind is InvoiceLineKind.DEPOSIT_TAKEN_OFF and not document.is_credit:
                found[line.of, line.of_line].append(self.left(document, line))
        return found

    def deposits_left(self) -> tuple[tuple[Invoice, InvoiceLine, Left], ...]:
        """Return the lines of deposit invoices of which something was not yet taken off an invoice."""
        found = []
        for document, line in self.lines():
            if document.kind is InvoiceKind.DEPOSIT:
                _, net, tax = self.left(document, line)
                taken = self._taken_off.get((document.number, line.no), ())
                left = Left(
                    ZERO, net + sum((one.net for one in taken), ZERO), tax + sum((one.tax for one in taken), ZERO)
                )
                if left.net or left.tax:
                    found.append((document, line, left))
        return tuple(found)

    @property
    def payable(self) -> Decimal:
        """What was invoiced less what was credited, tax included, in the order's currency."""
        return sum((one.sign * one.gross for one in self.documents), ZERO)

    @property
    def net(self) -> Decimal:
        """What was invoiced less what was credited, before tax."""
        return sum((one.sign * one.net for one in self.documents), ZERO)

    @property
    def open(self) -> Decimal:
        """What is to be paid yet, less credits that are not used."""
        return sum((one.sign * one.open for one in self.documents), ZERO)

    @property
    def unsettled(self) -> tuple[Invoice, ...]:
        """Documents of which something is open."""
        return tuple(one for one in self.documents if one.open)


def _price(line: InvoiceLine) -> tuple[object, ...]:
    return line.order_line, line.unit_price, line.discount, line.tax_code, line.tax_rate
