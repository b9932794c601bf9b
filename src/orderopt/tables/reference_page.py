"""The reference page of all tables, written from the models: ``python -m orderopt.tables.reference_page``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from orderopt.models.plan import PLAN_TABLES
from orderopt.models.policy import Policy
from orderopt.models.snapshot import record_types
from orderopt.models.summary import Summary
from orderopt.tables.columns import Column, Kind, columns_of
from orderopt.tables.text import number_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.models.record import Record

ERRORS = {
    "BAD_VALUE": "a cell cannot be read, or its value is out of range; the row is not used",
    "MISSING_VALUE": "a cell that must be filled is empty; the row is not used",
    "BAD_ROW": "a row has more cells than the header, or bytes that are not UTF-8; it is not used",
    "DUPLICATE_KEY": "two rows have the same key; the first is kept",
    "UNKNOWN_REFERENCE": "an id does not stand in the table that it points into; the row is not used",
    "WITHHELD": "the row itself is well, but would be planned wrongly without another one that is not used",
    "BOM_CYCLE": "an item goes into itself; its production is not planned",
    "WRONG_UNIT": "a routing or fixed task names a resource of another unit",
    "NO_SEQUENCE": "a succession is forbidden on a resource that does several tasks at once",
    "ONE_PLACE": "the capacity of a resource that does one task at a time cannot change",
    "TOO_MANY_PLACES": "a change of capacity is above the resource's capacity",
    "WAIT_TOO_SHORT": "the longest wait for the next step is shorter than the transfer to it",
    "MIXED_BATCHES": "rows of one step have different transfer batches",
    "QUOTA_SHARES": "the shares of an item in quotas do not add up to 1; none of its rows is used",
    "FOREIGN_CURRENCY": "an offer is in another currency than the plan (for an order only a warning)",
    "MISSING_TABLE": "settings, items, orders or order_lines is not there (for customers only a warning)",
    "MISSING_COLUMN": "a required column is not there; no row of the table is used",
    "DUPLICATE_COLUMN": "two columns have the same name; the first is used",
    "UNKNOWN_TABLE": "a file or sheet has the name of no table",
    "UNREADABLE_FILE": "a file cannot be opened, or part of it cannot be split into cells",
}
"""What an error in the input means, by code."""

WARNINGS = {
    "ROUNDED_TIME": "a time is off the grid of whole minutes and was rounded",
    "AMBIGUOUS_TIME": "a wall-clock time comes twice or never, because the clock is turned; which is used is said",
    "UNKNOWN_COLUMN": "a column is not known; its cells are kept in the record's `extra`",
    "UNKNOWN_KEY": "a setting is not known; it is kept",
    "EMPTY_TABLE": "a file or sheet has not even a header",
    "NO_SOURCE": "nothing can serve an order line; it will stay unserved",
    "NEVER_OPEN": "the calendar of a resource or supplier never opens",
    "QUOTA_UNUSED": "no order line asks for the item of a quota; quotas of components are not looked at",
    "NO_WORK": "a routing takes no time at all",
    "UNKNOWN_ORIGIN": "a lane leaves a place that is no site, unit or supplier",
}
"""What a warning about the input means, by code."""

_OPENING = """\
# Tables

What goes in and what comes out. This page is generated from the models of orderopt; `orderopt schema` prints the same
as JSON Schema.

## How tables are written

- A data set is a **folder of CSV files** (UTF-8, commas, a header row, one file a table: `orders.csv` …), **one .xlsx
  workbook** with a sheet a table, or a dict of pandas DataFrames.
- Columns in **bold** must be there. Others may be absent, or their cells empty; then the default holds.
- An *id* is text, case-sensitive, without blanks at either end. A whole number that a spreadsheet keeps as `1.0` is the
  id `1`.
- A *time* is ISO 8601. Without an offset it is in `settings.timezone`; a date alone is its midnight. Times are written
  with their offset.
- A *number* is an exact decimal with at most six places: no thousands separators, no units. Longer fractions are
  refused, not rounded (but what a spreadsheet does not show, beyond its 15th digit, does not count).
- A *flag* is 0 or 1; true and false are read as well.
- Text in a CSV file that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@` or a tab) is written
  with an apostrophe before it, and read without it. A signed number such as `-1` is no formula.
- Columns that orderopt does not know are kept as text and written again.
"""


def build_reference_page() -> str:
    """Return ``docs/reference/tables.md``."""
    return "\n".join([_OPENING, *_input_part(), *_output_part(), *_findings_part()])


def _input_part() -> Iterator[str]:
    yield "## Input tables\n"
    yield "### settings\n"
    yield "What holds for the whole plan. Columns: **key**, **value**, one setting a row. The keys:\n"
    yield from _columns(Policy)
    for record_type in record_types().values():
        yield from _table(record_type)


def _output_part() -> Iterator[str]:
    yield "## Output tables\n"
    for record_type in PLAN_TABLES.values():
        yield from _table(record_type)
    yield "### summary.json\n"
    yield "What the plan costs, how good it is, and how it came about.\n"
    yield "| Key | Holds |\n| --- | --- |"
    for name, field in Summary.model_fields.items():
        yield f"| {name} | {_plain_type(field.annotation)}{f'. {field.description}' if field.description else ''} |"
    yield ""


def _findings_part() -> Iterator[str]:
    yield "## Faults in the input\n"
    yield "Every fault is told with table, row (the header is row 1), column, value, what was expected and what next.\n"
    for title, codes in (("Error", ERRORS), ("Warning", WARNINGS)):
        yield f"| {title} | Means |\n| --- | --- |"
        yield from (f"| `{code}` | {meaning} |" for code, meaning in codes.items())
        yield ""


def _table(record_type: type[Record]) -> Iterator[str]:
    yield f"### {record_type.TABLE}\n"
    yield f"{(record_type.__doc__ or '').splitlines()[0]}\n"
    yield from _columns(record_type)
    if record_type.KEY:
        yield f"No two rows share {' + '.join(f'`{column}`' for column in record_type.KEY)}.\n"


def _columns(record_type: type[Record]) -> Iterator[str]:
    references = record_type.references()
    yield "| Column | Type | Default | Holds |\n| --- | --- | --- | --- |"
    for column in columns_of(record_type).values():
        name = f"**{column.name}**" if column.is_required else column.name
        points = f" Stands in `{references[column.field]}`." if column.field in references else ""
        yield f"| {name} | {_kind(column)} | {_default(column)} | {column.description}{points} |"
    yield ""


def _kind(column: Column) -> str:
    if column.kind is Kind.TEXT:
        return "id" if column.name.endswith(("_id", "_no")) else "text"
    return {Kind.MOMENT: "time", Kind.CLOCK: "HH:MM", Kind.CHOICE: "word"}.get(column.kind, column.kind.value)


def _default(column: Column) -> str:
    if column.default is None or column.is_required:
        return ""
    if column.kind is Kind.FLAG:
        return str(int(column.default))
    return number_text(column.default) if column.kind is Kind.NUMBER else str(column.default)


def _plain_type(annotation: Any) -> str:
    text = annotation.__name__ if isinstance(annotation, type) and "[" not in str(annotation) else str(annotation)
    return f"`{text.replace('typing.', '')}`"


if __name__ == "__main__":
    sys.stdout.write(build_reference_page())
