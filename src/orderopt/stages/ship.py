"""Stage 5, ship: send every part that has a destination, at the departure that serves it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from orderopt.models.network import Lane
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.supply import ZERO, Part, handed_over


@dataclass(eq=False)
class Shipment:
    """Goods that leave together on a lane.

    Attributes
    ----------
    load
        Parts and the quantity of each on board.
    quantity
        Units on board.
    """

    lane: Lane
    depart: int
    arrive: int
    load: list[tuple[Part, Decimal]] = field(default_factory=list)
    quantity: Decimal = ZERO

    def take(self, part: Part, quantity: Decimal) -> None:
        """Take a quantity of a part on board."""
        self.load.append((part, quantity))
        self.quantity += quantity

    @property
    def cost(self) -> Decimal:
        """Fixed cost of the lane and its cost a unit."""
        return self.lane.cost_fixed + self.lane.cost_per_unit * self.quantity


@dataclass(frozen=True)
class Transport:
    """What stage 5 hands on.

    Attributes
    ----------
    shipments
        All shipments, by departure.
    available, arrival
        When each part (by its id) is available and when the last of it arrives.
    """

    shipments: tuple[Shipment, ...]
    available: dict[int, int]
    arrival: dict[int, int]


def ship(plant: Plant, parts: Sequence[Part]) -> Transport:
    """Send the parts; lanes are chosen anew now that availability is known.

    A part on a lane without timetable leaves alone at once. On a timetable, parts that are available first board
    first; one that fits into a shipment whole is not torn apart.
    """
    available = {id(part): handed_over(plant, part.supply, part.line) for part in parts if part.supply is not None}
    arrival: dict[int, int] = {}
    shipments: list[Shipment] = []
    boarding: dict[tuple[str, ...], list[Part]] = defaultdict(list)
    for part in parts:
        if part.supply is None:
            continue
        at = available[id(part)]
        part.lane = best_lane(plant, part, at)
        if part.lane is None:
            arrival[id(part)] = at
        elif plant.departures(part.lane) is None:
            arrive = at + plant.lead(part.lane)
            arrival[id(part)] = arrive
            shipments += [
                Shipment(part.lane, at, arrive, [(part, quantity)], quantity)
                for quantity in _chunks(part.quantity, part.lane.capacity)
            ]
        else:
            boarding[part.lane.origin, part.lane.destination, part.lane.mode or ""].append(part)
    for waiting in boarding.values():
        waiting.sort(
            key=lambda part: (available[id(part)], -plant.minute_cost[part.line.name], part.line.due_at, part.line.name)
        )
        shipments += _board(plant, waiting, available, arrival)
    shipments.sort(
        key=lambda shipment: (
            shipment.depart,
            shipment.lane.origin,
            shipment.lane.destination,
            shipment.lane.mode or "",
            shipment.load[0][0].line.name,
        )
    )
    return Transport(tuple(shipments), available, arrival)


def best_lane(plant: Plant, part: Part, available: int) -> Lane | None:
    """Return the way that costs least, lateness counted, for a part that is available at a minute."""
    assert part.supply is not None
    ways = plant.lanes((part.supply.origin, part.supply.site), part.line)
    if len(ways) == 1:
        return ways[0]
    weight = float(plant.snapshot.settings.weight_transport)

    def cost(lane: Lane | None) -> float:
        arrival = min(plant.arrival(lane, available), FOREVER)
        return weight * float(plant.freight(lane, part.quantity)) + plant.arrival_cost(part.line, arrival)

    return min(ways, key=cost)


def _chunks(quantity: Decimal, capacity: Decimal | None) -> list[Decimal]:
    if capacity is None or quantity <= capacity:
        return [quantity]
    full, rest = divmod(quantity, capacity)
    return [capacity] * int(full) + ([rest] if rest else [])


def _board(plant: Plant, waiting: list[Part], available: dict[int, int], arrival: dict[int, int]) -> list[Shipment]:
    """Return the shipments of one timetable: parts that are torn apart take early room or leave it, what costs less."""
    weight = float(plant.snapshot.settings.weight_transport)

    def rank(loaded: tuple[list[Shipment], dict[int, int]]) -> tuple[int, float]:
        shipments, found = loaded
        late = sum(plant.arrival_cost(part.line, found[id(part)]) for part in waiting if id(part) in found)
        return len(waiting) - len(found), late + weight * sum(float(shipment.cost) for shipment in shipments)

    shipments, found = min((_load(plant, waiting, available, leaves_room) for leaves_room in (False, True)), key=rank)
    arrival.update(found)
    return shipments


def _load(
    plant: Plant, waiting: list[Part], available: dict[int, int], leaves_room: bool
) -> tuple[list[Shipment], dict[int, int]]:
    """Return shipments and arrivals; `leaves_room`: pieces of a torn part go as late as its last one has to."""
    lane = waiting[0].lane
    assert lane is not None
    leaves = plant.departures(lane) or []
    by_departure: dict[int, Shipment] = {}
    arrival: dict[int, int] = {}
    for part in waiting:
        left = part.quantity
        is_torn = lane.capacity is not None and part.quantity > lane.capacity
        chosen: list[tuple[int, Decimal]] = []
        for place in range(bisect_left(leaves, available[id(part)]), len(leaves)):
            shipment = by_departure.get(leaves[place])
            room = left if lane.capacity is None else lane.capacity - (shipment.quantity if shipment else ZERO)
            if room <= 0 or (room < left and not is_torn):
                continue
            chosen.append((leaves[place], room))
            left -= min(room, left)
            if not left:
                break
        left = part.quantity
        for depart, room in reversed(chosen) if leaves_room else chosen:
            if not left:
                break
            shipment = by_departure.setdefault(depart, Shipment(lane, depart, depart + plant.lead(lane)))
            shipment.take(part, min(room, left))
            left -= min(room, left)
            arrival[id(part)] = max(arrival.get(id(part), 0), shipment.arrive)
    return list(by_departure.values()), arrival
