"""Rule *promise*: each line is promised for the latest arrival of its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.facts import NOTHING
from orderopt.rules.lines import KEY_MARK
from orderopt.rules.violation import HEADER_ROWS, build_findings, say_amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.exact import Bools
    from orderopt.rules.facts import Facts


def build_on_time(facts: Facts) -> Bools:
    """Return which lines are served in full and not late."""
    is_full = np.asarray(facts.served >= facts.given.lines.quantity[:-1], dtype=np.bool_)
    return np.asarray(is_full & facts.is_promise_known & (facts.tardiness == 0), dtype=np.bool_)


def judge_promise(facts: Facts) -> Iterator[Finding]:
    """Yield lines without a promise, promises of no line, and promises that the plan does not keep."""
    table, lines = facts.tables["promises"], facts.given.lines
    orders, numbers = table.text("order_id"), table.text("line_no")
    line = lines.keys.codes(orders + KEY_MARK + numbers if table.size else orders)
    yield from build_findings(
        line < 0,
        lambda row: Finding(
            code="PROMISE_WITHOUT_LINE",
            table="promises",
            row=row + HEADER_ROWS,
            subject=f"line {orders[row]}/{numbers[row]}",
            says="no such line is planned",
            expected="promises for planned lines only",
        ),
    )
    yield from build_findings(
        np.bincount(line[line >= 0], minlength=len(lines)) == 0,
        lambda place: Finding(
            code="PROMISE_MISSING",
            table="promises",
            subject=f"line {lines.rows[place].name}",
            says="the line has no promise",
            expected="one promise for each planned line",
        ),
    )
    yield from _judge_cells(facts, line)


def _judge_cells(facts: Facts, line: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[Finding]:
    table, lines = facts.tables["promises"], facts.given.lines
    known = line >= 0
    promised, tardiness = np.append(facts.promised, NOTHING)[line], np.append(facts.tardiness, 0)[line]
    served = np.append(facts.served, 0)[line]
    on_time = np.append(build_on_time(facts), False)[line]
    is_known = known & np.append(facts.is_promise_known, False)[line]
    said, is_said = table.ints("promised_at"), table.is_given("promised_at")
    is_wrong = np.where(promised > NOTHING, ~is_said | (said != promised), is_said)

    def build(code: str, column: str, found: object, expected: object, row: int) -> Finding:
        return Finding(
            code=code,
            table="promises",
            row=row + HEADER_ROWS,
            column=column,
            subject=f"line {lines.rows[line[row]].name}",
            says=f"{column} is {found}",
            expected=str(expected),
        )

    def say(minute: int, is_given: bool) -> str:
        return facts.say(minute) if is_given else "empty"

    yield from build_findings(
        is_known & np.asarray(is_wrong, dtype=np.bool_),
        lambda row: build(
            "PROMISED_AT",
            "promised_at",
            say(said[row], bool(is_said[row])),
            f"{say(promised[row], bool(promised[row] > NOTHING))}, the latest arrival of what is served",
            row,
        ),
    )
    yield from build_findings(
        is_known & (table.ints("tardiness_minutes") != tardiness),
        lambda row: build("TARDINESS", "tardiness_minutes", table.ints("tardiness_minutes")[row], tardiness[row], row),
    )
    yield from build_findings(
        is_known & ((table.ints("on_time") == 1) != on_time),
        lambda row: build("ON_TIME", "on_time", table.ints("on_time")[row], int(on_time[row]), row),
    )
    yield from build_findings(
        known & np.asarray(table.ints("quantity") != served, dtype=np.bool_),
        lambda row: build(
            "PROMISED_QUANTITY", "quantity", say_amount(table.ints("quantity")[row]), say_amount(served[row]), row
        ),
    )
    yield from build_findings(
        known & table.is_given("due_at") & (table.ints("due_at") != lines.due[line]),
        lambda row: build(
            "PROMISE_DUE_AT", "due_at", facts.say(table.ints("due_at")[row]), facts.say(lines.due[line[row]]), row
        ),
    )
