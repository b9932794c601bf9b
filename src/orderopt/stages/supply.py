"""What stages hand to each other: supplies, parts of lines, jobs, and the ledger of what is still free.

Times are minutes of the plant's clock, quantities are decimals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from orderopt.models.network import Lane, Offer
from orderopt.models.order import OrderLine
from orderopt.models.result import FixedTask, SourceType, SupplyType
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant, Step
from orderopt.stages.terms import Terms, find_terms

ZERO = Decimal(0)


@dataclass(eq=False)
class Supply:
    """A quantity of one item that demands can be pegged to.

    Attributes
    ----------
    kind, name
        How pegging names it. Purchases and planned jobs get their name when the plan is published.
    item_id
        What it is.
    free
        What is not pegged yet.
    available
        When it can be handed over; FOREVER for jobs that are not scheduled yet.
    site
        Where it lies, where that counts for transport.
    origin
        The unit or supplier it comes from, which a lane may start at too.
    """

    kind: SupplyType
    name: str
    item_id: str
    free: Decimal
    available: int
    site: str | None = None
    origin: str | None = None


@dataclass(eq=False)
class Draw:
    """A quantity of a supply that a step of a job (or a line's part) takes."""

    supply: Supply
    quantity: Decimal
    step: int = 0


@dataclass(eq=False)
class Job:
    """The making of a quantity of one item at one unit, not yet placed in time.

    Attributes
    ----------
    supply
        The good output.
    steps
        Steps that are still to be done or that are fixed, in order.
    fixed
        Given tasks by op_no.
    line
        The line that the job ends up in; None for stock.
    parent
        The job that consumes it; None if it serves a line or stock.
    draws
        Components, each with the position of the consuming step.
    """

    item_id: str
    unit_id: str
    started: Decimal
    supply: Supply
    steps: tuple[Step, ...]
    line: OrderLine | None
    fixed: dict[int, FixedTask] = field(default_factory=dict)
    parent: Job | None = None
    draws: list[Draw] = field(default_factory=list)
    job_id: str = ""


@dataclass(eq=False)
class Purchase:
    """A quantity to be bought from one supplier, received in one week.

    Attributes
    ----------
    pegged
        Good quantity that demands need of it.
    quantity
        What is bought: `pegged` over the supplier's quality, rounded up to the step, MOQ and multiple.
    offer
        The price break in force.
    """

    supplier_id: str
    item_id: str
    supply: Supply
    week: int
    pegged: Decimal = ZERO
    quantity: Decimal = ZERO
    offer: Offer | None = None
    purchase_id: str = ""


@dataclass(eq=False)
class Part:
    """A quantity of an order line and what serves it; `supply` is None for what stays unserved."""

    line: OrderLine
    source_type: SourceType
    source_id: str | None
    quantity: Decimal
    supply: Supply | None = None
    job: Job | None = None
    lane: Lane | None = None
    reason: str = ""


def handed_over(plant: Plant, supply: Supply, line: OrderLine) -> int:
    """Return when a supply can be handed over for a line: stock and receipts wait for its release."""
    if supply.kind in {SupplyType.STOCK, SupplyType.RECEIPT}:
        return max(supply.available, plant.handover(line))
    return supply.available


class Shortage(Exception):  # noqa: N818 - a fact that callers inside the stages act on, not an error
    """Something cannot be supplied; `cause` names what lacks."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(cause)


class Ledger:
    """What is still free of every supply, what is being bought, and which jobs exist.

    Changes can be taken back: :meth:`mark` and :meth:`rollback`.
    """

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.jobs: list[Job] = []
        self.purchases: list[Purchase] = []
        self._purchase: dict[tuple[str, str, int], Purchase] = {}
        self._purchase_of: dict[int, Purchase] = {}
        self._supplies: dict[str, list[Supply]] = defaultdict(list)
        self._known_terms: dict[tuple[str, str], Terms | None] = {}
        self._undo: list[Callable[[], None]] = []
        snapshot = plant.snapshot
        for stock in snapshot.stock:
            if stock.free > 0:
                available = 0 if stock.available_at is None else max(0, plant.clock.tick(stock.available_at))
                self.add(Supply(SupplyType.STOCK, stock.name, stock.item_id, stock.free, available, stock.site))
        for receipt in snapshot.receipts:
            available = max(0, plant.clock.tick(receipt.available_at))
            self.add(
                Supply(
                    SupplyType.RECEIPT, receipt.receipt_id, receipt.item_id, receipt.quantity, available, receipt.site
                )
            )
        for supplies in self._supplies.values():
            supplies.sort(key=lambda supply: (supply.available, supply.kind != SupplyType.STOCK))

    def add(self, supply: Supply) -> None:
        """Make a supply known."""
        self._supplies[supply.item_id].append(supply)

    def supplies(self, item_id: str) -> Iterator[Supply]:
        """Return the supplies of an item that have something left, the earliest first."""
        return (supply for supply in self._supplies.get(item_id, ()) if supply.free > 0)

    def mark(self) -> int:
        """Return a mark to roll back to."""
        return len(self._undo)

    def rollback(self, mark: int) -> None:
        """Take back everything since the mark."""
        while len(self._undo) > mark:
            self._undo.pop()()

    def keep(self) -> None:
        """Make everything so far final; earlier marks are void."""
        self._undo.clear()

    def draw(self, supply: Supply, quantity: Decimal) -> None:
        """Peg a quantity of a supply."""
        if quantity > supply.free:
            raise ValueError(f"{supply.name}: {quantity} drawn of {supply.free}")
        supply.free -= quantity
        self._undo.append(lambda: _give_back(supply, quantity))

    def add_job(self, job: Job) -> None:
        """Make a job known; jobs it consumes were added before."""
        self.jobs.append(job)
        self._undo.append(lambda: _forget_last(self.jobs))

    # ---- buying --------------------------------------------------------------------------------------

    def _terms(self, supplier_id: str, item_id: str) -> Terms | None:
        """Return what a supplier asks for an item; None if it does not offer it."""
        key = (supplier_id, item_id)
        if key not in self._known_terms:
            self._known_terms[key] = find_terms(self.plant, supplier_id, item_id)
        return self._known_terms[key]

    def quote(self, supplier_id: str, item_id: str, quantity: Decimal) -> tuple[int, Decimal, Purchase] | None:
        """Return when a good quantity could be received from a supplier, and what it adds to the cost.

        The third value is the purchase as it would stand; :meth:`buy` commits it. None: never.
        """
        terms = self._terms(supplier_id, item_id)
        if terms is None:
            return None
        for week in range(terms.first_week, min(terms.first_week + 260, len(self.plant.weeks) - 1)):
            current = self._purchase.get((supplier_id, item_id, week))
            pegged = quantity + (current.pegged if current else ZERO)
            sized = terms.size(pegged / terms.quality)
            if sized is None:
                continue
            offer, bought = sized
            received = self._receive_in(supplier_id, offer, week)
            if received >= FOREVER:
                continue
            if current and received > current.supply.available:
                continue  # would delay those who count on it
            cost = bought * offer.unit_price
            if current and current.offer:
                cost -= current.quantity * current.offer.unit_price
            surplus = bought * terms.quality - pegged
            supply = Supply(SupplyType.PURCHASE, "", item_id, surplus, received, None, supplier_id)
            return received, cost, Purchase(supplier_id, item_id, supply, week, pegged, bought, offer)
        return None

    def most_at_once(self, supplier_id: str, item_id: str, need: Decimal) -> Decimal:
        """Return the most good quantity, up to a need, that a supplier delivers in one week; 0: nothing."""
        terms = self._terms(supplier_id, item_id)
        most = ZERO
        for each in () if terms is None else terms.breaks:
            if terms is not None and each.offer.max_per_week is not None:
                most = max(most, each.offer.max_per_week // each.lot * each.lot * terms.quality)
        return min(need, most)

    def _receive_in(self, supplier_id: str, offer: Offer, week: int) -> int:
        """Return the first minute of a week at which an offer can be received."""
        weeks = self.plant.weeks
        earliest = max(weeks[week], self.plant.receivable(supplier_id, offer))
        received = self.plant.supplier_open_time(supplier_id).next_open(earliest)
        return received if received < weeks[week + 1] else FOREVER

    def buy(self, quoted: Purchase) -> Purchase:
        """Commit a quote; return the purchase that holds it."""
        key = (quoted.supplier_id, quoted.item_id, quoted.week)
        current = self._purchase.get(key)
        if current is None:
            self._purchase[key] = quoted
            self._purchase_of[id(quoted.supply)] = quoted
            self.purchases.append(quoted)
            self.add(quoted.supply)
            self._undo.append(lambda: self._drop(key, quoted))
            return quoted
        before = (current.pegged, current.quantity, current.offer, current.supply.free, current.supply.available)
        current.pegged, current.quantity, current.offer = quoted.pegged, quoted.quantity, quoted.offer
        current.supply.free = quoted.supply.free
        current.supply.available = min(current.supply.available, quoted.supply.available)
        self._undo.append(lambda: _restore(current, before))
        return current

    def draw_surplus(self, supply: Supply, quantity: Decimal) -> None:
        """Peg surplus of a purchase, so that it counts as needed from now on."""
        self.draw(supply, quantity)
        purchase = self._purchase_of[id(supply)]
        purchase.pegged += quantity
        self._undo.append(lambda: _unpeg(purchase, quantity))

    def _drop(self, key: tuple[str, str, int], purchase: Purchase) -> None:
        del self._purchase[key]
        self.purchases.remove(purchase)
        self._supplies[purchase.item_id].remove(purchase.supply)


def _forget_last(jobs: list[Job]) -> None:
    jobs.pop()


def _give_back(supply: Supply, quantity: Decimal) -> None:
    supply.free += quantity


def _unpeg(purchase: Purchase, quantity: Decimal) -> None:
    purchase.pegged -= quantity


def _restore(purchase: Purchase, before: tuple[Decimal, Decimal, Offer | None, Decimal, int]) -> None:
    purchase.pegged, purchase.quantity, purchase.offer = before[:3]
    purchase.supply.free, purchase.supply.available = before[3:]
