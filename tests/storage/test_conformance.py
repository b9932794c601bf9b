"""The same promises, kept in memory, by SQLite and by PostgreSQL."""

from orderopt.testing.store_conformance import StoreConformance


class TestStores(StoreConformance):
    """Over the fixture `store`."""
