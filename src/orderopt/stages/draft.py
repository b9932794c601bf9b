"""A draft: who serves what, with every job, component and purchase that this takes, not yet in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from orderopt.models.result import SourceType
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.sourcing import Source
from orderopt.stages.allocate import part_by, unserved
from orderopt.stages.explode import buy_part, make_part, procure_running
from orderopt.stages.net import Netting, may_take, take
from orderopt.stages.options import Option, expected_cost
from orderopt.stages.sourcing_question import SourcingQuestion
from orderopt.stages.supply import Ledger, Part, Shortage


@dataclass
class Draft:
    """Parts of all lines with their supply; the ledger holds jobs and purchases."""

    ledger: Ledger
    parts: list[Part]
    warnings: list[str] = field(default_factory=list)


def develop(
    plant: Plant, ledger: Ledger, netting: Netting, chosen: Sequence[Part], question: SourcingQuestion
) -> Draft:
    """Make, buy or take what the allocation chose; where that fails, the line's next best source.

    Lines that are due first come first, so that what lies there goes to the earliest needs and later ones are made
    or bought in time; which lines are worth scarce components the allocation has weighed already.

    Parameters
    ----------
    chosen
        Parts without supply, as allocated.
    question
        The allocation question, for the other options of each line.
    """
    draft = Draft(ledger, list(netting.parts), procure_running(plant, ledger))
    options = {line.name: found for (line, _), found in zip(question.lines, question.options, strict=True)}
    for part in sorted(chosen, key=lambda part: (part.line.due_at, part.line.order_id, part.line.line_no)):
        if part.source_type is SourceType.UNSERVED:
            draft.parts.append(part)
            continue
        causes: list[str] = list(question.rejected.get(part.line.name, ()))
        barred = question.barred.get(part.line.name, ())
        if _realise(plant, ledger, draft, part, causes, options[part.line.name], barred):
            continue
        for option in sorted(options[part.line.name], key=lambda each: expected_cost(plant, part, each)):
            again = _with_option(part, option)
            if again is not None and _realise(plant, ledger, draft, again, causes, options[part.line.name], barred):
                break
        else:
            draft.parts.append(unserved(part.line, part.quantity, causes))
    return draft


def _realise(
    plant: Plant,
    ledger: Ledger,
    draft: Draft,
    part: Part,
    causes: list[str],
    options: Sequence[Option],
    barred: Sequence[str],
) -> bool:
    mark = ledger.mark()
    try:
        if part.source_type is SourceType.UNIT:
            make_part(plant, ledger, part)
        elif part.source_type is SourceType.SUPPLIER:
            buy_part(plant, ledger, part)
        else:
            part = _take(plant, ledger, part)
    except Shortage as shortage:
        ledger.rollback(mark)
        causes.append(f"{part.source_type} {part.source_id or ''}: {shortage.cause}")
        return False
    if not part.reason:
        part.reason = _reason(plant, part, options, barred)
    draft.parts.append(part)
    ledger.keep()
    return True


def _take(plant: Plant, ledger: Ledger, part: Part) -> Part:
    supply = part.supply
    assert supply is not None
    if supply.free < part.quantity or not may_take(part.line, part.quantity, part.quantity):
        raise Shortage(f"{supply.name} is promised to more urgent lines")
    taken = take(plant, ledger, part.line, part.quantity, supply, only_in_time=False)
    if taken is None:
        raise Shortage(f"{supply.name} cannot serve the line")
    return taken


def _with_option(part: Part, option: Option) -> Part | None:
    """Return the part served by another option; None if that is the one that failed."""
    other = part_by(part.line, option, part.quantity)
    if option.kind is Source.SUPPLY:
        return None if part.supply is option.supply else other
    return None if (other.source_type, other.source_id) == (part.source_type, part.source_id) else other


def explain_choice(plant: Plant, parts: Sequence[Part], question: SourcingQuestion) -> None:
    """Say for every part why its source was taken, or why nothing serves it."""
    options = {line.name: found for (line, _), found in zip(question.lines, question.options, strict=True)}
    for part in parts:
        if part.source_type is SourceType.UNSERVED:
            causes = question.rejected.get(part.line.name)
            if causes and not options.get(part.line.name):
                part.reason = "; ".join(dict.fromkeys(causes))
        elif part.source_type is SourceType.STOCK:
            part.reason = "in stock"
        elif part.source_type is SourceType.RECEIPT:
            part.reason = "on its way"
        else:
            name = part.line.name
            part.reason = _reason(plant, part, options.get(name, ()), question.barred.get(name, ()))


def _reason(plant: Plant, part: Part, options: Sequence[Option], barred: Sequence[str]) -> str:
    """Say why a source was taken: what work (or price), freight and lateness should cost, beside the others."""
    reasons = [_choice_reason(plant, part, options), *(f"rejected: {reason}" for reason in barred)]
    if plant.snapshot.settings.weight_preference and part.source_id is not None:
        is_unit = part.source_type is SourceType.UNIT
        preference = plant.preference(part.line.item_id, part.source_id, is_unit=is_unit)
        reasons.insert(1, f"preference {float(preference):.2f}")
    return "; ".join(reasons)


def _choice_reason(plant: Plant, part: Part, options: Sequence[Option]) -> str:
    best: dict[str, tuple[float, int]] = {}
    for option in options:
        cost = expected_cost(plant, part, option)
        if option.source_id not in best or cost < best[option.source_id][0]:
            best[option.source_id] = cost, option.ready
    own = best.pop(part.source_id or "", None)
    if own is None:
        return "the source that is left"
    others = [f"{name} {_words(plant, *pair)}" for name, pair in sorted(best.items(), key=lambda each: each[1])[:3]]
    if not others:
        return f"the only source; {_words(plant, *own)}"
    rank = "costs least" if all(own[0] <= pair[0] for pair in best.values()) else "balances load and cost"
    return f"{rank}: {_words(plant, *own)}; instead of {', '.join(others)}"


def _words(plant: Plant, cost: float, ready: int) -> str:
    return f"{cost:,.2f}, ready {plant.clock.moment(ready):%Y-%m-%d %H:%M}"
