"""The plans that the tests of the views look at."""

import pytest

from orderopt.models.plan import PLAN_TABLES, Plan

from .plans import frame, small_snapshot, small_tables, summary


@pytest.fixture
def plan() -> Plan:
    """A small plan made by hand."""
    return Plan(small_snapshot(), summary(), small_tables())


@pytest.fixture
def empty_plan() -> Plan:
    """A plan of nothing: every table is empty."""
    snapshot = small_snapshot().replace(orders=(), order_lines=())
    return Plan(snapshot, summary(bound=None, gap=None, counts={}), {name: frame(name, []) for name in PLAN_TABLES})
