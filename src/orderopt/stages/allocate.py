"""Stage 2, allocate: give what netting left to units, suppliers and late supplies, or honestly to nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from orderopt.models.order import OrderLine
from orderopt.models.result import SourceType
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.sourcing import Assignment, Source, option_lines
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.registry import allocation
from orderopt.stages.options import Option
from orderopt.stages.sourcing_question import SourcingQuestion, ask
from orderopt.stages.supply import Ledger, Part, Supply


def allocate(
    plant: Plant, ledger: Ledger, rest: Sequence[tuple[OrderLine, Decimal]], budget: Budget, strategy: str
) -> tuple[list[Part], Outcome[Assignment], SourcingQuestion]:
    """Choose sources for what is left of the lines.

    Returns
    -------
    parts, outcome, question
        Parts still without supply (making and buying follow), what the strategy replied, and the question.
    """
    question = ask(plant, ledger, rest)
    outcome = allocation.find(strategy).allocate(question.problem, budget)
    return read_parts(question, outcome.require()), outcome, question


def read_parts(question: SourcingQuestion, choice: Assignment) -> list[Part]:
    """Return the parts that a choice means, without supply; what it leaves is unserved, with the reasons."""
    parts: list[Part] = []
    is_full = _shares_reached(question, choice)
    position = 0
    for (line, wanted), lot, options in zip(question.lines, question.lot, question.options, strict=True):
        left = wanted
        chosen = [
            (option, int(choice.lots[position + place]))
            for place, option in enumerate(options)
            if choice.lots[position + place]
        ]
        full = [option for place, option in enumerate(options) if is_full[position + place]]
        position += len(options)
        for option, lots in sorted(chosen, key=lambda pair: pair[0].ready):
            quantity = min(left, lot * lots)
            if quantity > 0:
                left -= quantity
                parts.append(part_by(line, option, quantity))
        if left > 0:
            shares = [f"unit {option.source_id} may make no larger share" for option in full]
            parts.append(unserved(line, left, [*question.rejected.get(line.name, ()), *shares]))
    return parts


def _shares_reached(question: SourcingQuestion, choice: Assignment) -> list[bool]:
    """Return for each option whether its unit would exceed its share if it made the whole line too."""
    arrays = question.problem.arrays
    by_unit = arrays.option_unit >= 0
    quantity = arrays.line_quantity[option_lines(question.problem)]
    part = choice.lots * quantity / arrays.lots[option_lines(question.problem)]
    made = np.bincount(arrays.option_unit[by_unit], part[by_unit], minlength=len(arrays.unit_share))
    own, share = np.append(made, 0.0)[arrays.option_unit], np.append(arrays.unit_share, 1.0)[arrays.option_unit]
    found: list[bool] = (by_unit & (share < 1) & (own + quantity > share * (made.sum() + quantity))).tolist()
    return found


def unserved(line: OrderLine, quantity: Decimal, causes: Iterable[str]) -> Part:
    """Return the part for what nobody serves, with the reasons."""
    reason = "; ".join(dict.fromkeys(causes)) or "serving it would cost more than leaving it unserved"
    return Part(line, SourceType.UNSERVED, None, quantity, reason=reason)


def part_by(line: OrderLine, option: Option, quantity: Decimal) -> Part:
    """Return a part of a line that an option is to serve, still without supply."""
    if option.kind is Source.SUPPLY:
        return Part(line, SourceType.STOCK, None, quantity, option.supply, None, option.lane)
    kind = SourceType.UNIT if option.kind is Source.UNIT else SourceType.SUPPLIER
    return Part(line, kind, option.source_id, quantity, None, None, option.lane)


def on_ledger(plant: Plant, ledger: Ledger, parts: Sequence[Part]) -> list[Part]:
    """Return copies of allocated parts that draw on the supplies of another ledger."""
    supplies: dict[tuple[str, str], Supply] = {}
    copies = []
    for part in parts:
        supply = part.supply
        if supply is not None:
            for other in ledger.supplies(part.line.item_id):
                supplies[other.kind, other.name] = other
            supply = supplies.get((supply.kind, supply.name), supply)
        copies.append(replace(part, supply=supply))
    return copies
