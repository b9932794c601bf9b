"""What a generated plant sells, makes and buys: items, bills of material and the steps of routings."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from orderopt.models.item import BomLine, Item, MakePolicy
from orderopt.testing.names import ALLOYS, COLOURS, FINISHED, MATERIALS, PARTS, build_name

if TYPE_CHECKING:
    import numpy as np

    from orderopt.testing.size import Size

FINISHED_ROUTES = (
    ("mill", "paint", "oven", "assemble"),
    ("paint", "oven", "assemble"),
    ("turn", "assemble"),
    ("mill", "assemble"),
    ("turn", "paint", "oven", "assemble"),
)
PART_ROUTES = (("saw", "mill"), ("saw", "turn"), ("turn",), ("saw", "mill", "turn"))
FAMILIES = {"paint": COLOURS, "mill": ALLOYS}
"""Kinds of machine that are set up, and for what."""

_MINUTES_PER_UNIT = {"saw": 4.0, "mill": 12.0, "turn": 9.0, "paint": 5.0, "oven": 0.0, "assemble": 14.0}
_FIXED_MINUTES = {"saw": 10.0, "mill": 25.0, "turn": 20.0, "paint": 10.0, "oven": 150.0, "assemble": 10.0}
_TRANSFER_MINUTES = {"paint": 30, "oven": 60}


@dataclass(frozen=True)
class Step:
    """One step of a routing before the plant's pace is known (minutes are relative, but for the oven)."""

    op_no: int
    kind: str
    fixed_minutes: float
    minutes_per_unit: float
    family: str | None
    transfer_minutes: int | None


@dataclass(frozen=True)
class Made:
    """An item that is made: its steps and the units (positions) that make it."""

    item: Item
    steps: tuple[Step, ...]
    units: tuple[int, ...]


@dataclass(frozen=True)
class Products:
    """All items; finished goods are made of parts and materials, parts of materials."""

    finished: tuple[Made, ...]
    parts: tuple[Made, ...]
    materials: tuple[Item, ...]
    bom: tuple[BomLine, ...]

    @property
    def made(self) -> tuple[Made, ...]:
        """Finished goods and parts."""
        return self.finished + self.parts

    @property
    def items(self) -> tuple[Item, ...]:
        """Everything, in the order finished, parts, materials."""
        return tuple(made.item for made in self.made) + self.materials


def build_products(size: Size, rng: np.random.Generator, *, setups: bool) -> Products:
    """Draw items, two-level bills of material and routings, with setup families or without."""
    kinds = FAMILIES if setups else {}
    finished = tuple(
        _build_made(f"FG-{index + 1:04}", build_name(FINISHED, index), FINISHED_ROUTES, index, size, rng, kinds, 0.45)
        for index in range(size.num_finished)
    )
    parts = tuple(
        _build_made(f"PT-{index + 1:04}", build_name(PARTS, index), PART_ROUTES, index, size, rng, kinds, 0.25)
        for index in range(size.num_parts)
    )
    materials = tuple(
        Item(
            item_id=f"RM-{index + 1:04}",
            name=build_name(tuple(name for name, _ in MATERIALS), index),
            uom=MATERIALS[index % len(MATERIALS)][1],
        )
        for index in range(size.num_materials)
    )
    bom = [line for index, made in enumerate(finished) for line in _build_bom(made, index, parts, materials, rng)]
    bom += [line for index, made in enumerate(parts) for line in _build_bom(made, index, (), materials, rng)]
    return Products(finished, parts, materials, tuple(bom))


def _build_made(
    item_id: str,
    name: str,
    routes: tuple[tuple[str, ...], ...],
    index: int,
    size: Size,
    rng: np.random.Generator,
    families: dict[str, tuple[str, ...]],
    chance_of_second_unit: float,
) -> Made:
    route = routes[index % len(routes)]
    home = index % size.num_units
    units = [home]
    if rng.random() < chance_of_second_unit:
        units.append((home + 1 + int(rng.integers(size.num_units - 1))) % size.num_units)
    steps = tuple(_build_step(10 * (place + 1), kind, rng, families.get(kind)) for place, kind in enumerate(route))
    policy = MakePolicy.MTO if rng.random() < 0.7 else MakePolicy.ATO
    return Made(Item(item_id=item_id, name=name, uom="pcs", make_policy=policy), steps, tuple(units))


def _build_step(op_no: int, kind: str, rng: np.random.Generator, families: tuple[str, ...] | None) -> Step:
    spread = float(rng.uniform(0.6, 1.6))
    return Step(
        op_no=op_no,
        kind=kind,
        fixed_minutes=_FIXED_MINUTES[kind] * spread,
        minutes_per_unit=_MINUTES_PER_UNIT[kind] * spread,
        family=families[int(rng.integers(len(families)))] if families else None,
        transfer_minutes=_TRANSFER_MINUTES.get(kind),
    )


def _build_bom(
    made: Made, index: int, parts: tuple[Made, ...], materials: tuple[Item, ...], rng: np.random.Generator
) -> list[BomLine]:
    """Draw up to three parts (if any are given) for the last step, and one or two materials."""
    item_id, last = made.item.item_id, made.steps[-1].op_no if parts else None
    lines = [
        BomLine(
            item_id=item_id,
            component_id=parts[part].item.item_id,
            quantity_per=Decimal(1 if rng.random() < 0.8 else 2),
            op_no=last,
        )
        for part in _choose(index, len(parts), 3, rng)
    ]
    bought = _choose(index, len(materials), 2, rng)
    return lines + [_build_material_line(item_id, materials[place], last, rng) for place in bought]


def _choose(index: int, number: int, most: int, rng: np.random.Generator) -> list[int]:
    """Choose 1 to `most` different places below `number`; the first in turn, so that everything is used."""
    if number == 0:
        return []
    others = (int(rng.integers(number)) for _ in range(int(rng.integers(most))))
    return list(dict.fromkeys((index % number, *others)))


def _build_material_line(item_id: str, material: Item, op_no: int | None, rng: np.random.Generator) -> BomLine:
    quantity = Decimal(int(rng.integers(1, 5)))
    return BomLine(
        item_id=item_id,
        component_id=material.item_id,
        quantity_per=quantity / 2 if material.uom == "kg" else quantity,
        op_no=op_no,
        scrap=Decimal("0.04") if material.uom == "kg" and rng.random() < 0.5 else None,
    )
