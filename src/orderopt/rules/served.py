"""Rule *served*: the parts of every planned line add up to its quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.exact import sum_groups
from orderopt.rules.violation import HEADER_ROWS, build_findings, say_amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.facts import Facts


def judge_served(facts: Facts) -> Iterator[Finding]:
    """Yield parts of no line, lines whose parts do not add up, and forbidden or too small splits."""
    yield from _judge_lines_named(facts)
    yield from _judge_totals(facts)
    yield from _judge_splits(facts)
    yield from _judge_part_numbers(facts)


def _judge_lines_named(facts: Facts) -> Iterator[Finding]:
    parts = facts.parts
    yield from build_findings(
        parts.line < 0,
        lambda row: Finding(
            code="LINE_NOT_PLANNED",
            table="allocation",
            row=row + HEADER_ROWS,
            subject=parts.name(row),
            says="there is no such order line, or its order has ended",
            expected="parts of lines of open orders only",
        ),
    )


def _judge_totals(facts: Facts) -> Iterator[Finding]:
    parts, lines = facts.parts, facts.given.lines
    totals = sum_groups(parts.line, parts.quantity, len(lines))
    yield from build_findings(
        np.asarray(totals != lines.quantity[:-1], dtype=np.bool_),
        lambda line: Finding(
            code="LINE_QUANTITY",
            table="allocation",
            subject=f"line {lines.rows[line].name}",
            says=f"its parts add up to {say_amount(totals[line])}",
            expected=f"{say_amount(lines.quantity[line])} (what is not served has a part unserved)",
        ),
    )


def _judge_splits(facts: Facts) -> Iterator[Finding]:
    parts, lines = facts.parts, facts.given.lines
    num_parts = np.bincount(parts.line[parts.line >= 0], minlength=len(lines))
    yield from build_findings(
        (num_parts > 1) & ~lines.may_split[:-1],
        lambda line: Finding(
            code="LINE_SPLIT",
            table="allocation",
            subject=f"line {lines.rows[line].name}",
            says=f"it may not be split and has {num_parts[line]} parts",
            expected="one part",
        ),
    )
    is_small = parts.is_served & lines.may_split[parts.line] & (parts.quantity < lines.min_split[parts.line])
    yield from build_findings(
        is_small,
        lambda row: Finding(
            code="PART_TOO_SMALL",
            table="allocation",
            row=row + HEADER_ROWS,
            column="quantity",
            subject=parts.name(row),
            says=f"the part is {say_amount(parts.quantity[row])}",
            expected=f"at least min_split, {say_amount(lines.min_split[parts.line[row]])}",
        ),
    )


def _judge_part_numbers(facts: Facts) -> Iterator[Finding]:
    parts = facts.parts
    rows = np.flatnonzero((parts.line >= 0) & parts.table.is_given("part_no"))
    line, number = parts.line[rows], parts.table.ints("part_no")[rows]
    order = np.lexsort((number, line))
    first = np.searchsorted(line[order], line[order])
    expected = np.arange(len(rows)) - first + 1
    wrong = number[order] != expected
    yield from build_findings(
        np.flatnonzero(wrong),
        lambda place: Finding(
            code="PART_NUMBER",
            table="allocation",
            row=int(rows[order[place]]) + HEADER_ROWS,
            column="part_no",
            subject=parts.name(int(rows[order[place]])),
            says=f"part_no is {number[order[place]]}",
            expected=f"{expected[place]}: the parts of a line count 1, 2, …",
        ),
    )
