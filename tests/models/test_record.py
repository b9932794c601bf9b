"""What every record knows about its table."""

from __future__ import annotations

from orderopt.models.network import Offer, Resource, Supplier
from orderopt.models.snapshot import record_types


def test_an_optional_column_can_point_into_another_table_too():
    assert Resource.references() == {"unit_id": "production_units", "calendar_id": "calendars"}
    assert Supplier.references() == {"calendar_id": "calendars"}


def test_every_reference_points_into_a_table_that_has_a_key():
    targets = {target for record_type in record_types().values() for target in record_type.references().values()}

    assert {"items", "orders", "calendars"} <= targets
    assert all(record_types()[target].KEY for target in targets)


def test_columns_stand_in_the_order_of_the_contract_without_what_is_kept_aside():
    assert Offer.columns()[:4] == ("supplier_id", "item_id", "lead_time_days", "unit_price")
    assert "extra" not in Offer.columns()
