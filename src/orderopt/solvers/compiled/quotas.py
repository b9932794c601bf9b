"""Quotas: what share of an item each unit and supplier of an agreement is to have, and what that leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from orderopt.models.network import Quota
from orderopt.models.snapshot import Snapshot

Source = tuple[bool, str]
"""Whether it is a unit, and its name."""

ZERO = Decimal(0)


@dataclass(frozen=True)
class Agreement:
    """The quotas of one item.

    Attributes
    ----------
    quotas
        By source.
    so_far
        What all have had.
    """

    quotas: Mapping[Source, Quota]
    so_far: Decimal

    def due(self, source: Source, total: Decimal) -> Decimal:
        """Return what a source is to have in all when a total more is shared out; `so_far` counts as had."""
        return self.quotas[source].share * (self.so_far + total)

    def beyond(self, had: Mapping[Source, Decimal]) -> Decimal:
        """Return what sources have beyond their shares, together.

        Parameters
        ----------
        had
            What each source has had more.
        """
        total = sum((had.get(source, ZERO) for source in self.quotas), ZERO)
        return sum(
            (
                max(ZERO, quota.so_far + had.get(source, ZERO) - self.due(source, total))
                for source, quota in self.quotas.items()
            ),
            ZERO,
        )


def find_agreements(snapshot: Snapshot) -> dict[str, Agreement]:
    """Return the agreement about each item that has one."""
    found: dict[str, dict[Source, Quota]] = {}
    for quota in snapshot.quotas:
        found.setdefault(quota.item_id, {})[quota.unit_id is not None, quota.source_id] = quota
    return {
        item_id: Agreement(quotas, sum((quota.so_far for quota in quotas.values()), ZERO))
        for item_id, quotas in found.items()
    }
