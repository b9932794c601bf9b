"""Customers: who orders, how much they matter, and on what terms."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from orderopt.models.life.part import Sensitivity
from orderopt.models.measure import Money, PositiveWeight, Share
from orderopt.models.record import Id, Record


class Cadence(StrEnum):
    """How often a customer gets a report of their orders."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    NEVER = "never"


class Language(StrEnum):
    """A language that customers are written to in."""

    ENGLISH = "en"
    CHINESE = "zh-Hant"


class Customer(Record):
    """Someone who places orders."""

    TABLE = "customers"
    KEY = ("customer_id",)

    customer_id: Id = Field(description="Name of the customer in every other table.")
    name: Annotated[str | None, Sensitivity.PERSONAL] = Field(
        default=None, description="What people call the customer."
    )
    priority: PositiveWeight = Field(
        default=Decimal(1), description="Multiplies the cost of being late; higher is more urgent."
    )
    credit_limit: Annotated[Money | None, Sensitivity.PRICE] = Field(
        default=None, description="Highest exposure that sales accepts."
    )
    payment_terms: Annotated[str, StringConstraints(min_length=1)] | None = Field(
        default=None, description="For example net30 or prepaid."
    )
    region: str | None = Field(default=None, description="Where the customer is.")
    blocked: bool = Field(default=False, description="1: no order of this customer passes review.")
    quality_floor: Share | None = Field(
        default=None, description="Lowest quality_rating of a unit or supplier that may serve the customer."
    )
    report_cadence: Cadence | None = Field(
        default=None, description="How often the customer gets a report: daily, weekly, monthly, never; empty: usual."
    )
    language: Language | None = Field(default=None, description="What the customer reads: en or zh-Hant; empty: usual.")
