"""The register of promises: one document that every promise of capacity passes through, one after the other."""

from __future__ import annotations

from typing import ClassVar

from orderopt.models.life.document import Document


class PromiseRegister(Document):
    """Counts the promises that need capacity or purchases.

    Two orders that are confirmed at once could both be promised the same hours, since neither sees the other. Both
    enter here; the second finds the register changed and is promised anew.
    """

    KIND: ClassVar[str] = "promises"

    num_promises: int = 0
    last_order: str | None = None

    @property
    def key(self) -> str:
        """There is one."""
        return REGISTER


REGISTER = "all"
"""Key of the one register."""
