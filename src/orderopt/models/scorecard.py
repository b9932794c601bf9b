"""What the judge says of a plan: every violation, and what the plan costs term by term."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from orderopt.models.finding import Finding


class Scorecard(BaseModel):
    """What a plan costs, computed from tables alone.

    `terms` holds each term of the objective before its weight, in the plan's currency; `objective` is their
    weighted sum; `tiers` the weighted sum of each tier, the most important first; `counts` has numbers of lines,
    lines on time, late, unserved, jobs, tasks, purchases and shipments.
    """

    model_config = ConfigDict(frozen=True)

    terms: dict[str, Decimal]
    weights: dict[str, Decimal]
    objective: Decimal
    tiers: tuple[Decimal, ...] = ()
    counts: dict[str, int]


class Verdict(BaseModel):
    """The judge's answer about one plan."""

    model_config = ConfigDict(frozen=True)

    violations: tuple[Finding, ...]
    scorecard: Scorecard

    @property
    def is_correct(self) -> bool:
        """Whether the plan breaks no rule."""
        return not self.violations
