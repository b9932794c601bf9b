"""Deciding and recording what becomes of orphaned supply: re-peg, set free, cancel, finish or scrap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.disposition import Choice, Disposition, Fate, Holding, Orphan
from orderopt.models.life.happened.change import SupplyDisposed
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.states import SupplyState
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder
from orderopt.stages.book import Book
from orderopt.stages.change.carry_out import attach, cut, detach, find_passed, release_goods, scrap_stock, take_off
from orderopt.stages.change.commitments import UNDER_WAY, find_commitments, find_components, find_lost
from orderopt.stages.change.demands import Demand, find_demand, find_demands

LOST = "LOST"
"""Code of what will not come because it was lost already: only its peg goes."""


class Disposer:
    """Gives every orphaned quantity exactly one fate, by the choices of a person and else by rule, and records it.

    By rule, what is only proposed is withdrawn. Everything else goes to the next demand for its item by date, as
    far as that has nothing firm to come from. What is left of stock and of finished goods is free; of supply it is
    cancelled where that is possible, finished and kept where it is being made, and free when it comes otherwise.
    """

    def __init__(self, book: Book, choices: Sequence[Choice] = ()) -> None:
        self.book = book
        self.dispositions: list[Disposition] = []
        self._left = [(choice, choice.quantity) for choice in choices]
        self._used: set[int] = set()

    def dispose(self, orphans: Iterable[Orphan]) -> None:
        """Decide and record for some orphans, and for what they in turn leave behind."""
        for orphan in orphans:
            for disposition in list(self._decide(orphan)):
                self._carry_out(disposition)

    def check_choices(self) -> None:
        """Raise GuardError if a choice was for something that is not orphaned."""
        unused = [choice for place, (choice, _) in enumerate(self._left) if place not in self._used]
        if unused:
            raise GuardError(
                "some choices are for nothing that the change sets free",
                [
                    Finding(
                        code="NOT_ORPHANED",
                        subject=choice.key,
                        says="is not left without a demand",
                        mend="take the choice out",
                    )
                    for choice in unused
                ],
            )

    # ---- deciding --------------------------------------------------------------------------------------

    def _decide(self, orphan: Orphan) -> Iterator[Disposition]:
        supply = self._supply(orphan)
        lost = ZERO if supply is None else find_lost(supply, orphan)
        if lost > 0:
            gone = orphan.model_copy(update={"quantity": lost})
            yield _decided(gone, Fate.SCRAP, LOST, "it was lost before and will not come")
        left = orphan.quantity - lost
        for place, (choice, quantity) in enumerate(self._left):
            if choice.key != orphan.key or choice.line_no not in (None, orphan.line_no):
                continue
            part = left if quantity is None else min(left, quantity)
            if part > 0:
                self._used.add(place)
                self._left[place] = (choice, None if quantity is None else quantity - part)
                chosen = orphan.model_copy(update={"quantity": part})
                yield from self._follow(chosen, choice)
                left -= part
        if left > 0:
            yield from self._follow_rule(orphan.model_copy(update={"quantity": left}))

    def _follow(self, orphan: Orphan, choice: Choice) -> Iterator[Disposition]:
        allowed = find_allowed(orphan, self._supply(orphan))
        if choice.fate not in allowed:
            raise _refuse(orphan, f"{choice.fate} is not possible", f"choose one of {', '.join(sorted(allowed))}")
        if choice.fate is not Fate.RE_PEG:
            yield _decided(orphan, choice.fate, "CHOSEN", "chosen")
        elif choice.to_order is None or choice.to_line is None:
            yield from self._re_peg(orphan)
        else:
            line = self.book.need(OrderCase, choice.to_order).line(choice.to_line)
            demand = find_demand(self.book, choice.to_order, choice.to_line)
            if line.ask.item_id != orphan.item_id or demand.quantity < orphan.quantity:
                raise _refuse(
                    orphan,
                    f"{choice.to_order}/{choice.to_line} does not want {orphan.quantity} of {orphan.item_id}",
                    f"it wants {demand.quantity} of {line.ask.item_id}; name another line or a smaller quantity",
                )
            yield _to(orphan, demand, orphan.quantity)

    def _follow_rule(self, orphan: Orphan) -> Iterator[Disposition]:
        supply = self._supply(orphan)
        if supply is not None and supply.state is SupplyState.PROPOSED:
            yield _decided(orphan, Fate.CANCEL, "PROPOSAL", "it was only proposed")
        else:
            yield from self._re_peg(orphan)

    def _re_peg(self, orphan: Orphan) -> Iterator[Disposition]:
        """Give it to the next demands; what nobody wants has its fate by rule."""
        left, most = orphan.quantity, orphan.quantity
        if orphan.holding is Holding.GOODS:  # what is not inspected yet cannot be reserved
            most = find_passed(self.book.need(OrderCase, orphan.order_id), orphan)
        for demand in find_demands(self.book, orphan.item_id):
            part = min(most, demand.quantity)
            if part <= 0:
                break
            yield _to(orphan, demand, part)
            left, most = left - part, most - part
        if left > 0:
            yield self._leave(orphan.model_copy(update={"quantity": left}))

    def _leave(self, orphan: Orphan) -> Disposition:
        supply = self._supply(orphan)
        if supply is None:
            return _decided(orphan, Fate.FREE, "FREE", "nobody waits for it: free stock")
        if supply.state is SupplyState.IN_PROGRESS and supply.kind is not SupplyKind.BUY:
            return _decided(orphan, Fate.FINISH, "EXCESS", "it is being made: finished and kept as free stock")
        if supply.is_cancellable:
            return _decided(orphan, Fate.CANCEL, "CANCELLABLE", "nobody waits for it and it can be cancelled")
        return _decided(
            orphan, Fate.FREE, "EXCESS", "it cannot be cancelled and nobody waits for it: free stock when it comes"
        )

    # ---- recording -------------------------------------------------------------------------------------

    def _carry_out(self, disposition: Disposition) -> None:
        book, fate, quantity = self.book, disposition.fate, disposition.quantity
        self.dispositions.append(disposition)
        if disposition.parent_id is None:
            take_off(book, disposition)
        if disposition.holding is Holding.GOODS:
            release_goods(book, disposition, keep=fate is not Fate.SCRAP)
        else:
            detach(book, disposition)
        supply = self._supply(disposition)
        if supply is not None:
            book.record(supply, SupplyDisposed(disposition=disposition), why=disposition.says)
        if fate is Fate.RE_PEG:
            attach(book, disposition)
            self._supersede(disposition)
        elif supply is not None and fate in (Fate.CANCEL, Fate.SCRAP) and disposition.code != LOST:
            components = find_components(book, supply, quantity, disposition)
            cut(book, supply.key, quantity)
            self.dispose(components)
        elif fate is Fate.SCRAP and disposition.holding is Holding.STOCK:
            scrap_stock(book, disposition)

    def _supersede(self, disposition: Disposition) -> None:
        """Let go of what was proposed for a line that has something firm now."""
        assert disposition.to_order is not None
        assert disposition.to_line is not None
        case = self.book.need(OrderCase, disposition.to_order)
        line = case.line(disposition.to_line)
        commitments = [one.orphan for one in find_commitments(self.book, case, line)]
        packed = max(line.counts.packed, line.counts.shipped)
        excess = sum((one.quantity for one in commitments), ZERO) - (line.counts.wanted - packed)
        for orphan in commitments:
            supply = self._supply(orphan)
            taken = min(excess, orphan.quantity)
            if taken > 0 and supply is not None and supply.state is SupplyState.PROPOSED:
                part = orphan.model_copy(update={"quantity": taken})
                self._carry_out(_decided(part, Fate.CANCEL, "PROPOSAL", "something firm took its place"))
                excess -= taken

    def _supply(self, orphan: Orphan) -> SupplyOrder | None:
        return self.book.need(SupplyOrder, orphan.key) if orphan.holding is Holding.SUPPLY else None


def find_allowed(orphan: Orphan, supply: SupplyOrder | None) -> frozenset[Fate]:
    """Return the fates that a person may choose for an orphan."""
    if supply is None:
        return frozenset({Fate.RE_PEG, Fate.FREE, Fate.SCRAP})
    allowed = {Fate.RE_PEG, Fate.FREE}
    if supply.state is SupplyState.PROPOSED or (supply.is_cancellable and supply.state in UNDER_WAY):
        allowed.add(Fate.CANCEL)
    if supply.kind is not SupplyKind.BUY and supply.state in (SupplyState.RELEASED, SupplyState.IN_PROGRESS):
        allowed.add(Fate.FINISH)
        if supply.state is SupplyState.IN_PROGRESS:
            allowed.add(Fate.SCRAP)
    return frozenset(allowed)


def _decided(orphan: Orphan, fate: Fate, code: str, says: str) -> Disposition:
    return Disposition(**dict(orphan), fate=fate, code=code, says=says)


def _to(orphan: Orphan, demand: Demand, quantity: Decimal) -> Disposition:
    found = _decided(orphan, Fate.RE_PEG, "NEXT_DEMAND", f"{demand.order_id}/{demand.line_no} waits for it")
    return found.model_copy(update={"quantity": quantity, "to_order": demand.order_id, "to_line": demand.line_no})


def _refuse(orphan: Orphan, says: str, mend: str) -> GuardError:
    finding = Finding(code="DISPOSITION_REFUSED", subject=orphan.key, says=says, mend=mend)
    return GuardError(f"the choice for {orphan.key} cannot be followed", [finding])
