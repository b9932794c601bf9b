"""What happens to payments, and to what suppliers ask for."""

from __future__ import annotations

from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.invoice import Settled
from orderopt.models.life.payment import Application, Payment
from orderopt.models.life.quantities import Count
from orderopt.models.life.states import BILL, PAYMENT
from orderopt.models.life.supplier_invoice import MatchResult, SupplierInvoice
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.models.record import Id


class PaymentRecorded(Payload):
    """A payment or refund is known; it counts once it is settled."""

    payment: Payment

    def apply(self, document: Payment | None, stamp: Stamp) -> Payment:
        """Begin it."""
        return self.payment


class PaymentStepped(Payload):
    """It was settled, has failed, or was reversed."""

    trigger: str
    failure: str | None = None

    def apply(self, document: Payment, stamp: Stamp) -> Payment:
        """Take the step."""
        state = PAYMENT.step(document.state, self.trigger, document.key)
        return document.model_copy(update={"state": state, "failure": self.failure})


class PaymentApplied(Payload):
    """It was used for documents."""

    applications: tuple[Application, ...]

    def apply(self, document: Payment, stamp: Stamp) -> Payment:
        """Add what it was used for."""
        return document.model_copy(update={"applied": (*document.applied, *self.applications)})


class PaymentFreed(Payload):
    """What it was used for was taken back, for all documents or for some."""

    refs: tuple[Id, ...]

    def apply(self, document: Payment, stamp: Stamp) -> Payment:
        """Forget these applications."""
        left = tuple(one for one in document.applied if one.ref not in self.refs)
        return document.model_copy(update={"applied": left})


class BillRecorded(Payload):
    """A supplier's invoice came in."""

    bill: SupplierInvoice

    def apply(self, document: SupplierInvoice | None, stamp: Stamp) -> SupplierInvoice:
        """Begin it."""
        return self.bill.model_copy(update={"recorded_by": stamp.actor})


class BillMatched(Payload):
    """Each line was held against order and receipt; `trigger` is ``match`` or ``hold``, None: it stays held."""

    results: tuple[MatchResult, ...]
    trigger: str | None

    def apply(self, document: SupplierInvoice, stamp: Stamp) -> SupplierInvoice:
        """Keep the results."""
        pairs = zip(document.lines, self.results, strict=True)
        lines = tuple(line.model_copy(update={"match": result}) for line, result in pairs)
        state = BILL.step(document.state, self.trigger, document.key) if self.trigger else document.state
        return document.model_copy(update={"lines": lines, "state": state})


class BillStepped(Payload):
    """It was approved or rejected by a person."""

    trigger: str

    def apply(self, document: SupplierInvoice, stamp: Stamp) -> SupplierInvoice:
        """Take the step."""
        return document.model_copy(update={"state": BILL.step(document.state, self.trigger, document.key)})


class BillSettled(Payload):
    """Parts of it were paid, or a payment was taken back."""

    settled: tuple[Settled, ...]

    def apply(self, document: SupplierInvoice, stamp: Stamp) -> SupplierInvoice:
        """Add what was settled."""
        return document.model_copy(update={"settled": (*document.settled, *self.settled)})


class SupplyInvoiced(Payload):
    """The supplier invoiced a quantity of a supply order; below 0: the invoice was rejected."""

    number: Id
    quantity: Count

    def apply(self, document: SupplyOrder, stamp: Stamp) -> SupplyOrder:
        """Count the quantity."""
        return document.model_copy(update={"invoiced": document.invoiced + self.quantity})
