"""Features that a generated plant has only when asked for; each is added to the same plant without it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import timedelta
from decimal import Decimal

from orderopt.models.network import CapacityChange, Quota
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


def _limit_waits(snapshot: Snapshot) -> Snapshot:
    """Let painted goods wait for the next step for at most two days."""
    operations = [
        row.model_copy(update={"max_wait_minutes": Decimal(2880)}) if row.name == "paint" else row
        for row in snapshot.operations
    ]
    return snapshot.replace(operations=operations)


def _overlap_steps(snapshot: Snapshot) -> Snapshot:
    """Let sawn and turned parts go on to the next step five by five."""
    operations = [
        row.model_copy(update={"transfer_batch": Decimal(5)}) if row.name in {"saw", "turn"} else row
        for row in snapshot.operations
    ]
    return snapshot.replace(operations=operations)


def _share_crews(snapshot: Snapshot) -> Snapshot:
    """Give the mills of each unit one crew that changes them over."""
    resources = [
        row.model_copy(update={"setup_crew": f"{row.unit_id}-SETTERS"}) if "-MILL-" in row.resource_id else row
        for row in snapshot.resources
    ]
    return snapshot.replace(resources=resources)


def _ask_for_quality(snapshot: Snapshot) -> Snapshot:
    """Rate every other unit 0.9, the others 0.98, and let every fifth line ask for the best that makes its item."""
    ratings = (Decimal("0.98"), Decimal("0.9"))
    units = [
        row.model_copy(update={"quality_rating": ratings[place % 2]})
        for place, row in enumerate(snapshot.production_units)
    ]
    rating = {row.unit_id: row.rating for row in units}
    best = {item: max(rating[name] for name in names) for item, names in snapshot.units_of_item.items()}
    lines = [
        row.model_copy(update={"quality_floor": best[row.item_id]}) if place % 5 == 0 else row
        for place, row in enumerate(snapshot.order_lines)
    ]
    return snapshot.replace(production_units=units, order_lines=lines)


def _prefer_sources(snapshot: Snapshot) -> Snapshot:
    """Let preferences count, and give every other unit a usual lead time."""
    units = [
        row.model_copy(update={"usual_lead_days": Decimal(2 + place)}) if place % 2 == 0 else row
        for place, row in enumerate(snapshot.production_units)
    ]
    settings = snapshot.settings.model_copy(update={"weight_preference": Decimal(2)})
    return snapshot.replace(settings=settings, production_units=units)


def _agree_on_quotas(snapshot: Snapshot) -> Snapshot:
    """Let the first two units of each ordered item share it 60 to 40; the second has had too much so far."""
    ordered = dict.fromkeys(line.item_id for line in snapshot.order_lines)
    rows = [
        Quota(item_id=item_id, unit_id=unit_id, share=share, so_far=so_far)
        for item_id in ordered
        if len(units := snapshot.units_of_item.get(item_id, ())) > 1
        for unit_id, share, so_far in zip(
            units[:2], (Decimal("0.6"), Decimal("0.4")), (Decimal(50), Decimal(40)), strict=True
        )
    ]
    return snapshot.replace(quotas=rows)


FEATURES: dict[str, Callable[[Snapshot], Snapshot]] = {
    "forbidden": _forbid_returns,
    "windows": _close_places,
    "waits": _limit_waits,
    "overlaps": _overlap_steps,
    "crews": _share_crews,
    "floors": _ask_for_quality,
    "preference": _prefer_sources,
    "quotas": _agree_on_quotas,
}
"""What can be added to a plant, by name."""
