"""The schema and the reference page say what the models say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orderopt.errors import OrderOptError
from orderopt.models.plan import PLAN_TABLES
from orderopt.models.snapshot import record_types
from orderopt.tables.reference_page import ERRORS, WARNINGS, build_reference_page
from orderopt.tables.schema import build_schema, documented_models

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_page_of_the_tables_is_up_to_date():
    committed = (ROOT / "docs" / "reference" / "tables.md").read_text("utf-8")

    assert committed == build_reference_page(), (
        "run: python -m orderopt.tables.reference_page > docs/reference/tables.md"
    )


def test_the_page_names_every_column_of_every_table():
    page = build_reference_page()
    for name, record_type in {**record_types(), **PLAN_TABLES}.items():
        part = page.split(f"### {name}\n", 1)[1].split("\n###", 1)[0]
        assert all(re.search(rf"^\| (\*\*)?{column}(\*\*)? \|", part, re.MULTILINE) for column in record_type.columns())


def test_the_page_explains_every_code_that_a_finding_about_the_input_can_have():
    sources = [*(ROOT / "src/orderopt/tables").glob("*.py"), ROOT / "src/orderopt/models/consistency.py"]
    text = "\n".join(path.read_text("utf-8") for path in sources if path.name != "reference_page.py")
    used = set(re.findall(r'"([A-Z]{2,}_[A-Z_]+|WITHHELD)"', text))

    assert used == {*ERRORS, *WARNINGS}


@pytest.mark.parametrize("table", list(documented_models()))
def test_the_schema_of_a_table_has_its_columns_and_nothing_else(table: str):
    schema = build_schema(table)
    model = documented_models()[table]
    names = model.columns() if hasattr(model, "columns") else tuple(model.model_fields)

    assert tuple(schema["properties"]) == names
    assert schema["title"] == table


def test_the_whole_schema_holds_every_table_and_resolves():
    schema = build_schema()

    assert set(schema["properties"]) == set(documented_models())
    targets = re.findall(r"'#/\$defs/([^']+)'", str(schema))
    assert targets
    assert set(targets) <= set(schema["$defs"])


def test_a_table_that_does_not_exist_is_answered_with_those_that_do():
    with pytest.raises(OrderOptError, match="order_lines"):
        build_schema("order")
