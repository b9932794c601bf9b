"""Guarding text in CSV files against spreadsheets that would take it for a formula.

A text such as ``=1+1`` or ``@home`` is written as ``'=1+1``; reading takes exactly that apostrophe off again. A
plain signed number such as ``-1`` is no formula and stays bare. Workbooks need no guard: there a text is a text.
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")
_SIGNED_NUMBER = re.compile(r"'*[+-](\d+\.?\d*|\.\d+)", re.ASCII)


def is_formula_like(text: str) -> bool:
    """Tell whether a spreadsheet may run a text (leading apostrophes apart) as a formula."""
    return bool(_FORMULA.match(text)) and not _SIGNED_NUMBER.fullmatch(text)


def with_guard(text: str) -> str:
    """Return a text as it stands in a CSV file."""
    return f"'{text}" if is_formula_like(text) else text


def without_guard(cell: str) -> str:
    """Return the text that :func:`with_guard` made a cell of."""
    return cell[1:] if cell.startswith("'") and is_formula_like(cell[1:]) else cell
