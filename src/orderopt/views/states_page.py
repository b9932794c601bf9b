"""The page of all states and lawful steps, written from the machines: ``python -m orderopt.views.states_page FOLDER``.

A machine is drawn in two rows: the way that a thing usually goes, and below it all other states. Where several states
lead to one by the same step, one arrow names it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import networkx as nx

from orderopt.models.life.machine import Machine
from orderopt.models.life.states import MACHINES

WIDTH, HEIGHT, STEP, DROP, MARGIN = 132, 40, 230, 170, 60
"""Size of a state, distance of columns and rows, and the space around all, in pixels."""

STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#222}.label{font-size:11px;fill:#444;paint-order:stroke;stroke:#fff;"
    "stroke-width:4px}rect{fill:#eef3fb;stroke:#4a6fa5;rx:8}.end rect{fill:#f4f4f4;stroke:#888}"
    "path{fill:none;stroke:#8a97ab;stroke-width:1.3}"
)

ARROW_HEAD = (
    '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 0 8 4 0 8z" style="fill:#8a97ab;stroke:none"/></marker></defs>'
)

INTRODUCTION = """# States and lawful steps

Written by `python -m orderopt.views.states_page docs/reference` from the tables that the code itself steps by. A step
that is not here is refused; the error names the state, what was tried, and what is allowed. Everything else that one
likes to call a status (allocated, shipped, invoiced, paid) is derived from quantities and money, never stored.
A picture opens in full size when it is clicked.
"""


def build_states_page() -> str:
    """Return the page as Markdown, with a picture of each machine."""
    parts = [INTRODUCTION]
    for machine in MACHINES:
        title = machine.name[0].upper() + machine.name[1:]
        rows = [f"| {step.before} | {step.trigger} | {step.after} | {step.guard} |" for step in machine.steps]
        head = ["| from | step | to | what must hold |", "| --- | --- | --- | --- |"]
        picture = f"[![Steps of the {machine.name}]({name_picture(machine)})]({name_picture(machine)})"
        parts.append("\n".join([f"## {title}", "", picture, "", *head, *rows, ""]))
    return "\n".join(parts)


def name_picture(machine: Machine[Any]) -> str:
    """Return the file name of a machine's picture."""
    plain = machine.name.translate(str.maketrans(" ", "_", "()"))
    return f"states_{plain}.svg"


def draw_machine(machine: Machine[Any]) -> str:
    """Return a machine as one SVG picture: states as boxes, steps as arrows."""
    places = _place(machine)
    columns = 1 + max(column for column, _ in places.values())
    width, height = 2 * MARGIN + (columns - 1) * STEP + WIDTH, 2 * MARGIN + HEIGHT + DROP + 30
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<style>{STYLE}</style>",
        ARROW_HEAD,
        *_draw_arrows(machine, places),
        *_draw_states(machine, places),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _place(machine: Machine[Any]) -> dict[Any, tuple[float, int]]:
    """Map each state to its column and row."""
    order = machine.states.index
    ahead = nx.DiGraph((step.before, step.after) for step in machine.steps if order(step.after) > order(step.before))
    usual = nx.dag_longest_path(ahead)
    places: dict[Any, tuple[float, int]] = {state: (column, 0) for column, state in enumerate(usual)}
    others = [state for state in machine.states if state not in places]
    room = max(len(usual), len(others))
    for number, state in enumerate(others):
        places[state] = ((number + 0.5) * room / len(others) - 0.5, 1)
    return places


def _corner(place: tuple[float, int]) -> tuple[float, float]:
    return MARGIN + place[0] * STEP, MARGIN + place[1] * DROP


def _draw_states(machine: Machine[Any], places: dict[Any, tuple[float, int]]) -> Iterator[str]:
    for state, place in places.items():
        left, top = _corner(place)
        kind = "end" if state in machine.ends else "state"
        yield (
            f'<g class="{kind}"><rect x="{left:g}" y="{top:g}" width="{WIDTH}" height="{HEIGHT}"/>'
            f'<text x="{left + WIDTH / 2:g}" y="{top + HEIGHT / 2 + 4:g}" text-anchor="middle">'
            f"{escape(str(state).replace('_', ' '))}</text></g>"
        )


def _draw_arrows(machine: Machine[Any], places: dict[Any, tuple[float, int]]) -> Iterator[str]:
    def ends(step: Any) -> tuple[int, int]:
        return machine.states.index(step.before), machine.states.index(step.after)

    told: set[tuple[Any, str]] = set()
    for (first, last), steps in groupby(sorted(machine.steps, key=ends, reverse=True), key=ends):
        before, after = machine.states[first], machine.states[last]
        is_next = places[after] == (places[before][0] + 1, 0)
        new = [step.trigger for step in steps if is_next or (after, step.trigger) not in told]
        told.update((after, trigger) for trigger in new)
        yield _draw_arrow(places[before], places[after], ", ".join(new).replace("_", " "))


def _draw_arrow(before: tuple[float, int], after: tuple[float, int], label: str) -> str:
    (left, top), (left_after, top_after) = _corner(before), _corner(after)
    middle, middle_after = left + WIDTH / 2, left_after + WIDTH / 2
    if before[1] == after[1] and after[0] - before[0] == 1:  # to the next box
        level = top + HEIGHT / 2
        path = f"M{left + WIDTH:g} {level:g}H{left_after - 2:g}"
        at = ((left + WIDTH + left_after) / 2, level - 6)
    elif before[1] == after[1]:  # over others in the same row: an arc above the upper row, below the lower one
        edge, way = (top, -1) if before[1] == 0 else (top + HEIGHT, 1)
        bend = edge + way * (24 + 7 * abs(after[0] - before[0]))
        path = f"M{middle:g} {edge:g}C{middle:g} {bend:g} {middle_after:g} {bend:g} {middle_after:g} {edge + 2 * way:g}"
        at = ((middle + middle_after) / 2, edge + way * 0.75 * (24 + 7 * abs(after[0] - before[0])) + 4)
    else:
        is_down = after[1] > before[1]
        start, end = (top + HEIGHT, top_after - 2) if is_down else (top, top_after + HEIGHT + 2)
        half = (start + end) / 2
        path = f"M{middle:g} {start:g}C{middle:g} {half:g} {middle_after:g} {half:g} {middle_after:g} {end:g}"
        share = 0.72
        at = (middle + share * (middle_after - middle), start + share * (end - start))
    arrow = f'<path d="{path}" marker-end="url(#a)"/>'
    if not label:
        return arrow
    return f'{arrow}<text class="label" x="{at[0]:g}" y="{at[1]:g}" text-anchor="middle">{escape(label)}</text>'


def write_states_page(folder: Path) -> None:
    """Write the page ``states.md`` and its pictures into a folder."""
    (folder / "states.md").write_text(build_states_page(), encoding="utf-8", newline="\n")
    for machine in MACHINES:
        (folder / name_picture(machine)).write_text(draw_machine(machine), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_states_page(Path(sys.argv[1]))
