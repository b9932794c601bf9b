"""Features that a generated plant has only when asked for; each is added to the same plant without it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import timedelta

from orderopt.models.network import CapacityChange
from orderopt.models.snapshot import Snapshot


def add_features(snapshot: Snapshot, names: Collection[str]) -> Snapshot:
    """Return the plant with some of :data:`FEATURES` added.

    Raises
    ------
    ValueError
        If there is no feature of a name.
    """
    unknown = sorted(set(names) - set(FEATURES))
    if unknown:
        raise ValueError(f"no feature is called {unknown[0]!r}; there are: {', '.join(FEATURES)}")
    for name, add in FEATURES.items():
        if name in names:
            snapshot = add(snapshot)
    return snapshot


def _forbid_returns(snapshot: Snapshot) -> Snapshot:
    """Forbid the longest changeover of each machine with three families or more: a third stands in between."""
    rows = defaultdict(list)
    for setup in snapshot.setups:
        if setup.from_family != setup.to_family and setup.from_family != "*":
            rows[setup.resource_id].append(setup)
    longest = {
        max(found, key=lambda setup: setup.minutes).key
        for found in rows.values()
        if len({setup.to_family for setup in found}) > 2
    }
    forbidden = {"forbidden": True}
    return snapshot.replace(
        setups=[setup.model_copy(update=forbidden) if setup.key in longest else setup for setup in snapshot.setups]
    )


def _close_places(snapshot: Snapshot) -> Snapshot:
    """Leave each resource of several places half of them on its second day, and none for an hour of that."""
    begin = snapshot.settings.horizon_start + timedelta(days=1)
    spans = ((begin, begin + timedelta(days=1), 0.5), (begin + timedelta(hours=1), begin + timedelta(hours=2), 0.0))
    changes = [
        CapacityChange(resource_id=row.resource_id, starts_at=start, ends_at=end, capacity=int(row.capacity * left))
        for row in snapshot.resources
        if row.capacity > 1
        for start, end, left in spans
    ]
    return snapshot.replace(capacity_changes=changes)


FEATURES: dict[str, Callable[[Snapshot], Snapshot]] = {"forbidden": _forbid_returns, "windows": _close_places}
"""What can be added to a plant, by name."""
