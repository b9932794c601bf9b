"""The summary of a plan: what it costs, how good it is, and how it came about."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Status(StrEnum):
    """What is known about a plan; it never lies."""

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    INFEASIBLE = "INFEASIBLE"
    UNKNOWN = "UNKNOWN"
    CANCELLED = "CANCELLED"


class Summary(BaseModel):
    """Facts about one plan, as JSON in ``summary.json``.

    Money is in `currency`. `objective` is the weighted sum of `terms`; `bound` is proven: no plan of
    those that are looked for costs less. `gap` is ``(objective - bound) / objective`` (0 where both are 0).
    """

    model_config = ConfigDict(frozen=True)

    schema_version: int = 1
    status: Status
    currency: str
    objective: float
    terms: dict[str, float] = Field(description="Each term before its weight.")
    weights: dict[str, float]
    tiers: dict[str, float] = Field(
        default_factory=dict, description="Weighted sum of each tier, where the objective is lexicographic."
    )
    bound: float | None
    gap: float | None
    strategy: str
    stop_reason: str = Field(description="Why planning ended: proven, time, cancelled or done.")
    seed: int
    workers: int
    time_limit: float | None
    counts: dict[str, int]
    warnings: tuple[str, ...] = ()
    trace: tuple[dict[str, str | int | float | None], ...] = Field(
        default=(), description="Each improvement: stage, objective, bound."
    )
    seconds: dict[str, float] = Field(default_factory=dict, description="Wall time of each stage.")
    peak_memory_mb: float | None = None
    input_hash: str = ""
    versions: dict[str, str] = Field(default_factory=dict)
