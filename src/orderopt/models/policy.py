"""The settings of a plan: its horizon, clock, currency and what each kind of cost weighs."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from orderopt.models.measure import Weight
from orderopt.models.moment import Earliest, Latest
from orderopt.models.record import Record
from orderopt.models.tiers import USUAL_TIERS, Tier, parse_tiers

TERMS = (
    "unserved",
    "tardiness",
    "late",
    "earliness",
    "flow",
    "makespan",
    "production",
    "setup",
    "purchase",
    "transport",
    "fairness",
    "preference",
    "quota",
    "change",
)
"""Names of the objective's terms, in the order in which they are reported."""


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone of the IANA database") from error
    return name


def _check_tiers(text: str) -> str:
    parse_tiers(text, TERMS)
    return text


class Policy(Record):
    """What holds for the whole plan (table ``settings``, one key a row)."""

    TABLE = "settings"
    KEY = ()

    horizon_start: Earliest = Field(description="The moment from which is planned.")
    horizon_end: Latest | None = Field(
        default=None,
        description="End of the window in which loads are compared; work may run past it. Default: the last due_at.",
    )
    timezone: Annotated[str, AfterValidator(_check_zone)] = Field(
        default="UTC", description="IANA zone of calendars and of times without offset."
    )
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = Field(
        default="EUR", description="ISO 4217 code of every cost in the plan."
    )
    frozen_until: Earliest | None = Field(default=None, description="Nothing new starts before this moment.")
    objective: Literal["weighted", "lexicographic"] = Field(
        default="weighted",
        description="How plans are compared: by the weighted sum of all terms, or tier by tier (see tiers).",
    )
    tiers: Annotated[str, AfterValidator(_check_tiers)] = Field(
        default=USUAL_TIERS,
        description="Where the objective is lexicographic: terms joined by + into tiers joined by >, the most "
        "important first, each perhaps with its share of the time for scheduling, as in tardiness + late : 60%.",
    )
    weight_unserved: Weight = Field(default=Decimal(1), description="Weight of the cost of quantities not served.")
    weight_tardiness: Weight = Field(default=Decimal(1), description="Weight of the cost of being late.")
    weight_late: Weight = Field(default=Decimal(0), description="Weight of lines that are late at all.")
    weight_earliness: Weight = Field(default=Decimal(0), description="Weight of the cost of arriving early.")
    weight_flow: Weight = Field(
        default=Decimal(0), description="Cost of a day from a line's release to its promise, for a priority of 1."
    )
    weight_makespan: Weight = Field(
        default=Decimal(0), description="Cost of a day from horizon_start to the end of the last task."
    )
    weight_production: Weight = Field(default=Decimal(1), description="Weight of machine time.")
    weight_setup: Weight = Field(default=Decimal(1), description="Weight of the cost of changeovers.")
    weight_purchase: Weight = Field(default=Decimal(1), description="Weight of what is bought.")
    weight_transport: Weight = Field(default=Decimal(1), description="Weight of freight.")
    weight_fairness: Weight = Field(
        default=Decimal(0), description="Cost of a spread of 100 % between the loads of the units."
    )
    weight_preference: Weight = Field(
        default=Decimal(0),
        description="Cost of a unit from a source with a preference of 0 instead of 1; the preference of a source is "
        "given, or told from how strong, fast and reliable it is beside the others of the item.",
    )
    prefer_strong: Weight = Field(
        default=Decimal(1), description="How much what a source delivers in a week counts in its preference."
    )
    prefer_fast: Weight = Field(
        default=Decimal(1), description="How much the lead time of a source counts in its preference."
    )
    prefer_reliable: Weight = Field(
        default=Decimal(1),
        description="How much on_time_rate times quality_rating of a source counts in its preference.",
    )
    weight_quota: Weight = Field(
        default=Decimal(10), description="Cost of a unit that a source has beyond its share in quotas."
    )
    weight_change: Weight = Field(default=Decimal(1), description="Weight of moves against a previous plan.")

    @model_validator(mode="after")
    def _check_horizon(self) -> Policy:
        if self.horizon_end is not None and self.horizon_end <= self.horizon_start:
            raise ValueError("horizon_end must be after horizon_start")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.timezone)

    @property
    def start(self) -> Earliest:
        """The first moment at which new work may start: horizon_start, or frozen_until if later."""
        return max(self.horizon_start, self.frozen_until or self.horizon_start)

    def ranked_terms(self) -> tuple[Tier, ...]:
        """Return the tiers by which plans are compared: one of all terms unless the objective is lexicographic."""
        return parse_tiers(self.tiers, TERMS) if self.objective == "lexicographic" else (Tier(TERMS),)

    def weights(self) -> dict[str, Decimal]:
        """Map each term of the objective to its weight."""
        return {term: getattr(self, f"weight_{term}") for term in TERMS}
