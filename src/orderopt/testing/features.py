"""Features that a generated plant has only when asked for; each is added to the same plant without it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection

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


FEATURES: dict[str, Callable[[Snapshot], Snapshot]] = {"forbidden": _forbid_returns}
"""What can be added to a plant, by name."""
