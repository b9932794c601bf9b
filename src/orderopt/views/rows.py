"""Where rows and colours go: the layout that the interactive and the static Gantt chart share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from orderopt.views.figures import ResourceRow, ScheduleFigure

    Heights = NDArray[np.float64]

BAND_HEIGHT = 0.85
LANE_HEIGHT = 0.62
MOST_LANES_TALL = 8
"""Rows grow with their lanes up to so many; more lanes share that height."""

PALETTE = ("#7FB2E5", "#F2CF63", "#57C2A5", "#C3A6E0", "#B9CC4B", "#A9DDF3", "#E3A97C")
"""Fills that stay apart for colour-blind readers, pale enough for dark text; red is kept for lateness."""
OTHER_COLOUR = "#B4BDC8"
NO_FAMILY_COLOUR = "#DAE0E8"
LATE_COLOUR = "#C00021"
FIXED_COLOUR = "#2B2F36"
CLOSED_COLOUR = "#E8EAED"
TEXT_COLOUR = "#1F2430"
OPEN_COLOUR = "#EDF1F5"
LOAD_COLOUR = "#7FB2E5"
FULL_COLOUR = "#E0912F"
FULL_LOAD = 0.95
"""From this share of its open time on, a unit is shown as full."""


@dataclass(frozen=True)
class Band:
    """The heading of one unit above its rows; `top` and `bottom` span heading and rows."""

    unit_name: str
    top: float
    bottom: float


@dataclass(frozen=True)
class RowLayout:
    """Vertical places, counted downwards from 0 to `height`; one entry a row."""

    top: Heights
    bottom: Heights
    bands: tuple[Band, ...]
    height: float


@dataclass(frozen=True)
class Colouring:
    """A fill for every bar, and what the fills mean (name to colour, most frequent first)."""

    title: str
    fills: list[str]
    meaning: dict[str, str]


def row_layout(rows: tuple[ResourceRow, ...]) -> RowLayout:
    """Return where each row goes: units below each other, each with a heading."""
    tops, bottoms, bands = [], [], []
    place, unit_id, opened = 0.0, None, 0.0
    for row in rows:
        if row.unit_id != unit_id:
            unit_id, opened = row.unit_id, place
            place += BAND_HEIGHT
            bands.append(Band(row.unit_name, opened, place))
        tops.append(place)
        place += max(1.0, LANE_HEIGHT * min(row.num_lanes, MOST_LANES_TALL))
        bottoms.append(place)
        bands[-1] = Band(row.unit_name, opened, place)
    return RowLayout(np.array(tops), np.array(bottoms), tuple(bands), max(place, 1.0))


def bar_places(figure: ScheduleFigure, layout: RowLayout) -> tuple[Heights, Heights]:
    """Return top and bottom of every bar."""
    row, lane = figure.bars.row, figure.bars.lane
    lanes = np.array([found.num_lanes for found in figure.rows] or [1])[row]
    each = (layout.bottom[row] - layout.top[row] - 0.2) / lanes
    top = layout.top[row] + 0.1 + lane * each
    return top, top + each * np.where(lanes > 1, 0.88, 1.0)


def colouring(figure: ScheduleFigure, names: dict[str, str]) -> Colouring:
    """Colour bars by setup family (where the routings have families) or else by item.

    Parameters
    ----------
    figure
        The bars.
    names
        What people call each item, by item_id.
    """
    bars = figure.bars
    by_family = any(bars.family)
    keys = [
        family if by_family else names.get(item_id, item_id)
        for family, item_id in zip(bars.family, bars.item_id, strict=True)
    ]
    frequent = sorted(Counter(filter(None, keys)).items(), key=lambda found: (-found[1], found[0]))
    meaning = {key: colour for (key, _), colour in zip(frequent, PALETTE, strict=False)}
    fills = [meaning.get(key, OTHER_COLOUR if key else NO_FAMILY_COLOUR) for key in keys]
    if "" in keys:
        meaning["no family"] = NO_FAMILY_COLOUR
    if len(frequent) > len(PALETTE):
        meaning[f"{len(frequent) - len(PALETTE)} others"] = OTHER_COLOUR
    return Colouring("Setup family" if by_family else "Item", fills, meaning)
