"""Who may do what: the roles of people and programs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orderopt.models.life.part import Sensitivity


class Role(StrEnum):
    """What someone acts as."""

    SALES = "sales"
    FIRST_REVIEWER = "first_reviewer"
    SECOND_REVIEWER = "second_reviewer"
    PLANNER = "planner"
    SHOP_FLOOR = "shop_floor"
    WAREHOUSE = "warehouse"
    PURCHASING = "purchasing"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    CUSTOMER = "customer"


SEES: dict[Role, frozenset[Sensitivity]] = {
    Role.SALES: frozenset(Sensitivity),
    Role.FIRST_REVIEWER: frozenset(Sensitivity),
    Role.SECOND_REVIEWER: frozenset(Sensitivity),
    Role.PLANNER: frozenset(),
    Role.SHOP_FLOOR: frozenset(),
    Role.WAREHOUSE: frozenset({Sensitivity.PERSONAL}),
    Role.PURCHASING: frozenset({Sensitivity.PRICE}),
    Role.FINANCE: frozenset(Sensitivity),
    Role.ADMINISTRATOR: frozenset(),
    Role.AUDITOR: frozenset({Sensitivity.PRICE}),
    Role.CUSTOMER: frozenset(Sensitivity),
}
"""The marked fields that a role may see; a customer only in documents of their own."""


@dataclass(frozen=True)
class Actor:
    """Someone who gives commands.

    Attributes
    ----------
    name
        Stable id of the person or program; no display name, since it stays in events for ever.
    roles
        What they may act as.
    customer_id
        For the role customer: whose documents are their own.
    """

    name: str
    roles: frozenset[Role]
    customer_id: str | None = None

    def __post_init__(self) -> None:
        if Role.CUSTOMER in self.roles and self.customer_id is None:
            raise ValueError(f"{self.name}: the role customer needs a customer_id")

    @classmethod
    def of(cls, name: str, *roles: Role, customer_id: str | None = None) -> Actor:
        """Return an actor with some roles."""
        return cls(name, frozenset(roles), customer_id)

    @property
    def sees(self) -> frozenset[Sensitivity]:
        """The marked fields that any of the roles may see."""
        return frozenset().union(*(SEES[role] for role in self.roles))
