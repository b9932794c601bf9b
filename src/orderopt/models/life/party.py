"""Whom to write and where to ship."""

from __future__ import annotations

from typing import Annotated

from orderopt.models.life.part import Part, Sensitivity

Personal = Annotated[str | None, Sensitivity.PERSONAL]


class Party(Part):
    """Whom to write and where to ship; all of it personal."""

    name: Personal = None
    street: Personal = None
    city: Personal = None
    postcode: Personal = None
    country: str | None = None
    email: Personal = None
    phone: Personal = None
