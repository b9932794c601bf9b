"""What is on board of shipments: parts that belong there, in quantities that add up (of rule *transport*)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.exact import Ints, sum_groups
from orderopt.rules.violation import HEADER_ROWS, build_findings, say_amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.facts import Facts


def judge_cargo(facts: Facts) -> Iterator[Finding]:
    """Yield parts on a shipment that is not theirs, and quantities on board that do not add up."""
    yield from _judge_strangers(facts)
    yield from _judge_ways(facts)
    yield from _judge_repeats(facts)
    yield from _judge_quantities(facts)


def _judge_strangers(facts: Facts) -> Iterator[Finding]:
    freight = facts.freight
    strangers = freight.strangers
    yield from build_findings(
        np.arange(len(strangers)),
        lambda place: Finding(
            code="UNKNOWN_PART",
            table="shipments",
            row=strangers[place][0] + HEADER_ROWS,
            column="lines",
            value=strangers[place][1][:200],
            subject=freight.name(strangers[place][0]),
            says=f"{strangers[place][1][:200]!r} is no part of the allocation",
            expected="order_id/line_no/part_no",
        ),
    )


def _judge_ways(facts: Facts) -> Iterator[Finding]:
    freight, places, parts = facts.freight, facts.places, facts.parts
    shipment, part = freight.link_shipment, freight.link_part
    goes_there = freight.destination[shipment] == places.destination[part]
    comes_from = (freight.origin[shipment] == places.origin[part]) | (freight.origin[shipment] == places.site[part])
    yield from build_findings(
        places.travels[part] & ~(goes_there & comes_from),
        lambda link: Finding(
            code="WRONG_WAY",
            table="shipments",
            row=int(shipment[link]) + HEADER_ROWS,
            subject=freight.name(int(shipment[link])),
            says=f"it carries {parts.name(int(part[link]))}, which does not go that way",
            expected=f"from its source to {places.names.index[places.destination[part[link]]]}",
        ),
    )
    lane = freight.lane[shipment]
    first = np.full(parts.size, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(first, part, lane)
    yield from build_findings(
        np.asarray(lane != first[part], dtype=np.bool_),
        lambda link: Finding(
            code="TWO_LANES",
            table="shipments",
            row=int(shipment[link]) + HEADER_ROWS,
            subject=parts.name(int(part[link])),
            says="it travels on more than one lane",
            expected="one lane",
        ),
    )


def _judge_repeats(facts: Facts) -> Iterator[Finding]:
    freight, parts = facts.freight, facts.parts
    order = np.lexsort((freight.link_part, freight.link_shipment))
    shipment, part = freight.link_shipment[order], freight.link_part[order]
    is_twice = (shipment[1:] == shipment[:-1]) & (part[1:] == part[:-1])
    yield from build_findings(
        is_twice,
        lambda place: Finding(
            code="PART_LISTED_TWICE",
            table="shipments",
            row=int(shipment[place]) + HEADER_ROWS,
            column="lines",
            subject=freight.name(int(shipment[place])),
            says=f"it lists {parts.name(int(part[place]))} more than once",
            expected="each part once",
        ),
    )


def _judge_quantities(facts: Facts) -> Iterator[Finding]:
    """Compare what shipments carry with their parts, over all shipments that share parts."""
    freight, parts = facts.freight, facts.parts
    group = _groups(facts)
    carried = sum_groups(group, freight.quantity, freight.size)
    loaded = np.zeros(freight.size, dtype=carried.dtype)
    linked, first_link = np.unique(freight.link_part, return_index=True)
    of_group = group[freight.link_shipment[first_link]]
    loaded = loaded + sum_groups(of_group, parts.quantity[linked], freight.size)
    num_shipments = np.bincount(group, minlength=freight.size)
    is_wrong = np.asarray((carried != loaded) & (num_shipments > 0), dtype=np.bool_)

    def build(row: int) -> Finding:
        shared = f" and {num_shipments[row] - 1} more that share its parts" if num_shipments[row] > 1 else ""
        return Finding(
            code="SHIPMENT_QUANTITY",
            table="shipments",
            row=row + HEADER_ROWS,
            column="quantity",
            subject=freight.name(row),
            says=f"it{shared} carries {say_amount(carried[row])}",
            expected=f"{say_amount(loaded[row])}, the quantity of the parts on board",
        )

    yield from build_findings(is_wrong, build)
    on_board = sum_groups(freight.link_shipment, parts.quantity[freight.link_part], freight.size)
    yield from build_findings(
        np.asarray((freight.quantity > on_board) & ~is_wrong[group], dtype=np.bool_),
        lambda row: Finding(
            code="SHIPMENT_QUANTITY",
            table="shipments",
            row=row + HEADER_ROWS,
            column="quantity",
            subject=freight.name(row),
            says=f"it carries {say_amount(freight.quantity[row])}",
            expected=f"at most {say_amount(on_board[row])}, the quantity of the parts it lists",
        ),
    )


def _groups(facts: Facts) -> Ints:
    """Return for each shipment the first shipment of those that share parts with it, directly or not."""
    freight = facts.freight
    leader = list(range(freight.size))

    def find(shipment: int) -> int:
        while leader[shipment] != shipment:
            leader[shipment] = leader[leader[shipment]]
            shipment = leader[shipment]
        return shipment

    shared = np.flatnonzero(freight.num_shipments[freight.link_part] > 1)
    first: dict[int, int] = {}
    for part, shipment in zip(freight.link_part[shared].tolist(), freight.link_shipment[shared].tolist(), strict=True):
        one, other = find(first.setdefault(part, shipment)), find(shipment)
        leader[max(one, other)] = min(one, other)
    return np.array([find(shipment) for shipment in range(freight.size)], dtype=np.int64).reshape(-1)
