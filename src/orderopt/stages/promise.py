"""Stage 6, promise: what each customer can be told about each line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from orderopt.models.order import OrderLine
from orderopt.models.result import SourceType
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.ship import Transport
from orderopt.stages.supply import ZERO, Part


@dataclass(frozen=True)
class Outlook:
    """When a line arrives.

    Attributes
    ----------
    promised
        Latest arrival of its served parts; None if nothing is served.
    tardiness
        Minutes late.
    served
        Quantity that is served.
    last
        The part that arrives last.
    """

    line: OrderLine
    promised: int | None
    tardiness: int
    served: Decimal
    last: Part | None
    parts: tuple[Part, ...]

    @property
    def is_on_time(self) -> bool:
        """Whether everything arrives by the due date."""
        return self.tardiness == 0 and self.served == self.line.quantity


def promise(plant: Plant, parts: Sequence[Part], transport: Transport) -> list[Outlook]:
    """Return the outlook of every planned line, in the order of the table."""
    of_line: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        of_line[part.line.name].append(part)
    outlooks = []
    for line in plant.snapshot.planned_lines:
        served = [part for part in of_line[line.name] if part.source_type is not SourceType.UNSERVED]
        last = max(served, key=lambda part: transport.arrival[id(part)], default=None)
        promised = None if last is None else transport.arrival[id(last)]
        late = 0 if promised is None else max(0, promised - plant.due(line))
        quantity = sum((part.quantity for part in served), ZERO)
        outlooks.append(Outlook(line, promised, late, quantity, last, tuple(of_line[line.name])))
    return outlooks
