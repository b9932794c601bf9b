"""The small data set of these tests as a fixture."""

from __future__ import annotations

from typing import Any

import pytest


def _sound_tables() -> dict[str, list[dict[str, Any]]]:
    return {
        "settings": [
            {"key": "horizon_start", "value": "2026-01-05T08:00"},
            {"key": "timezone", "value": "Europe/Berlin"},
        ],
        "customers": [{"customer_id": "C1", "name": "王芳"}],
        "items": [{"item_id": "DESK"}, {"item_id": "TOP"}, {"item_id": "LAMP"}],
        "orders": [{"order_id": "O1", "customer_id": "C1"}],
        "order_lines": [
            {"order_id": "O1", "line_no": "1", "item_id": "DESK", "quantity": "10", "due_at": "2026-01-09T16:00"},
            {"order_id": "O1", "line_no": "2", "item_id": "LAMP", "quantity": "2", "due_at": "2026-01-09T16:00"},
        ],
        "production_units": [{"unit_id": "U1", "site": "Ulm"}],
        "calendars": [{"calendar_id": "day", "weekday": "0", "opens": "08:00", "closes": "16:00"}],
        "resources": [
            {"resource_id": "SAW", "unit_id": "U1", "calendar_id": "day"},
            {"resource_id": "SAW2", "unit_id": "U1"},
            {"resource_id": "BENCH", "unit_id": "U1"},
        ],
        "operations": [
            {"item_id": "DESK", "unit_id": "U1", "op_no": "10", "resource_id": "SAW", "minutes_per_unit": "3"},
            {"item_id": "DESK", "unit_id": "U1", "op_no": "10", "resource_id": "SAW2", "minutes_per_unit": "4"},
            {"item_id": "DESK", "unit_id": "U1", "op_no": "20", "resource_id": "BENCH", "fixed_minutes": "5"},
        ],
        "bom": [{"item_id": "DESK", "component_id": "TOP", "quantity_per": "1"}],
        "stock": [{"item_id": "TOP", "on_hand": "100", "site": "Ulm"}],
        "suppliers": [{"supplier_id": "S1"}],
        "offers": [{"supplier_id": "S1", "item_id": "LAMP", "lead_time_days": "3", "unit_price": "9.50"}],
    }


@pytest.fixture
def tables() -> dict[str, list[dict[str, Any]]]:
    """A data set that has everything right, to be broken in one place by each test.

    One order of two lines: a desk that is made in two steps (two saws are alternatives), and a lamp that is bought.
    """
    return _sound_tables()
