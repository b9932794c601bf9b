"""From an allocation to a draft that keeps every unit's share."""

from __future__ import annotations

from collections.abc import Sequence

from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.allocate import on_ledger
from orderopt.stages.draft import Draft, develop
from orderopt.stages.net import Netting, net
from orderopt.stages.shares import keep_shares
from orderopt.stages.sourcing_question import SourcingQuestion
from orderopt.stages.supply import Ledger, Part


def realise(
    plant: Plant,
    parts: Sequence[Part],
    question: SourcingQuestion,
    *,
    netted: tuple[Ledger, Netting] | None = None,
) -> Draft:
    """Make, buy and take what was allocated; where a unit then makes more than its share, others make part of it.

    Parameters
    ----------
    parts
        As allocated; they stay as they are.
    netted
        A ledger from which nothing but the netting has been taken; without one, netting is done anew.
    """
    banned: set[tuple[str, str]] = set()
    chosen = list(parts)
    while True:
        if netted is None:
            fresh = Ledger(plant)
            netted = fresh, net(plant, fresh)
        ledger, netting = netted
        draft = develop(plant, ledger, netting, on_ledger(plant, ledger, chosen), question)
        kept = keep_shares(plant, chosen, draft.parts, question, banned)
        if kept is None:
            return draft
        chosen, netted = kept, None
