"""``import orderopt`` opens one door to everything and loads nothing before it is used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import orderopt

HEAVY = (
    "bokeh",
    "highspy",
    "jinja2",
    "networkx",
    "numba",
    "numpy",
    "ortools",
    "pandas",
    "pulp",
    "pydantic",
    "rich",
    "typer",
)


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, orderopt; print([name for name in {HEAVY} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"


def test_a_noun_loads_neither_pandas_nor_a_solver():
    code = f"import sys, orderopt; orderopt.Snapshot; print([name for name in {HEAVY} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "['pydantic']"


@pytest.mark.parametrize("name", orderopt.__all__)
def test_every_name_of_the_front_door_opens(name: str):
    assert getattr(orderopt, name) is not None


def test_the_front_door_lists_what_it_opens():
    assert set(orderopt.__all__) == {*orderopt._ROOM_OF, "__version__"}
    assert set(orderopt.__all__) <= set(dir(orderopt))


def test_every_noun_of_a_snapshot_stands_at_the_front_door():
    from orderopt.models.snapshot import record_types

    assert {record_type.__name__ for record_type in record_types().values()} <= set(orderopt.__all__)


def test_planning_is_a_function_although_a_module_has_its_name():
    import orderopt.stages.plan

    assert inspect.isfunction(orderopt.plan)
    assert inspect.ismodule(sys.modules["orderopt.stages.plan"])


def test_an_unknown_name_is_an_attribute_error_as_anywhere():
    with pytest.raises(AttributeError, match="no attribute 'solve'"):
        _ = orderopt.solve
