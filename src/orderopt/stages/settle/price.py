"""Pricing the lines of a document: net, tax and gross to the minor unit, and where the residual goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from orderopt.models.life.amounts import ZERO, find_residual_place, round_to, round_together
from orderopt.models.life.billing import BillingTerms, RoundingLevel
from orderopt.models.life.invoice import InvoiceLine


@dataclass(frozen=True)
class Draft:
    """A line whose net and tax are not computed yet.

    Attributes
    ----------
    exact
        What it charges, not rounded; net or gross as the order's prices are.
    """

    line: InvoiceLine
    exact: Decimal


def price_lines(
    drafts: Sequence[Draft], *, includes_tax: bool, unit: Decimal, terms: BillingTerms
) -> tuple[InvoiceLine, ...]:
    """Return the lines with net and tax.

    Rounded by line, each line's amount and its tax are rounded for themselves. Rounded by document, the amounts of
    all lines of one tax rate sum to their rounded sum, the tax is that of this sum, and the line that the terms name
    bears what is left over. Either way the document is the sum of its lines.

    Parameters
    ----------
    includes_tax
        Whether amounts are gross: the tax is then taken out of them and not put on top.
    unit
        The smallest amount of the currency.
    """
    if terms.level is RoundingLevel.LINE:
        return tuple(
            line
            for draft in drafts
            for line in _price_group([draft], includes_tax=includes_tax, unit=unit, terms=terms)
        )
    by_rate = sorted(range(len(drafts)), key=lambda position: _rate(drafts[position]))
    priced: dict[int, InvoiceLine] = {}
    for _, group in groupby(by_rate, key=lambda position: _rate(drafts[position])):
        positions = list(group)
        lines = _price_group(
            [drafts[position] for position in positions], includes_tax=includes_tax, unit=unit, terms=terms
        )
        priced.update(zip(positions, lines, strict=True))
    return tuple(priced[position] for position in range(len(drafts)))


def _rate(draft: Draft) -> tuple[str, str, Decimal]:
    line = draft.line
    return line.tax_code or "", line.tax_category, line.tax_rate


def _price_group(
    drafts: Sequence[Draft], *, includes_tax: bool, unit: Decimal, terms: BillingTerms
) -> list[InvoiceLine]:
    """Price lines of one tax rate."""
    rate = drafts[0].line.tax_rate
    exact = [draft.exact for draft in drafts]
    bearer = find_residual_place(exact, terms.residual)
    amounts, place, left = round_together(exact, unit, terms.rounding, at=bearer)
    residuals = [left if position == place else ZERO for position in range(len(drafts))]
    of_all = find_tax(sum(amounts, ZERO), rate, includes_tax=includes_tax)
    taxes, place, left = round_together(
        [find_tax(amount, rate, includes_tax=includes_tax) for amount in amounts],
        unit,
        terms.rounding,
        total=round_to(of_all, unit, terms.rounding),
        at=bearer,
    )
    tax_residuals = [left if position == place else ZERO for position in range(len(drafts))]
    return [
        draft.line.model_copy(
            update={
                "net": amount - tax if includes_tax else amount,
                "tax": tax,
                "residual": residual,
                "tax_residual": tax_residual,
            }
        )
        for draft, amount, tax, residual, tax_residual in zip(
            drafts, amounts, taxes, residuals, tax_residuals, strict=True
        )
    ]


def find_tax(amount: Decimal, rate: Decimal, *, includes_tax: bool) -> Decimal:
    """Return the tax of an amount, not rounded: on top of it, or contained in it.

    Examples
    --------
    >>> find_tax(Decimal("119.00"), Decimal("0.19"), includes_tax=True)
    Decimal('19.00')
    """
    return amount * rate / (1 + rate) if includes_tax else amount * rate
