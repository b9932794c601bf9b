"""JSON Schema of every table that goes in or comes out, taken from the models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from orderopt.errors import OrderOptError
from orderopt.models.plan import PLAN_TABLES
from orderopt.models.policy import Policy
from orderopt.models.record import Record
from orderopt.models.snapshot import record_types
from orderopt.models.summary import Summary

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def documented_models() -> dict[str, type[BaseModel]]:
    """Map the name of everything that is read or written to its model: settings, tables, plan tables, summary."""
    return {"settings": Policy, **record_types(), **PLAN_TABLES, "summary": Summary}


def build_schema(table: str | None = None) -> dict[str, Any]:
    """Return the JSON Schema of one row of a table, or of a whole data set and plan.

    Parameters
    ----------
    table
        Name of an input or output table, ``settings`` or ``summary``; None: everything.

    Raises
    ------
    OrderOptError
        If there is no such table.

    Examples
    --------
    >>> build_schema("orders")["required"]
    ['order_id', 'customer_id']
    """
    models = documented_models()
    if table is None:
        return _build_whole(models)
    if table not in models:
        raise OrderOptError(f"there is no table {table!r}; the tables are {', '.join(models)}")
    schema = models[table].model_json_schema()
    return {"$schema": DIALECT, **_without_extra(schema, models[table]), "title": table}


def _build_whole(models: dict[str, type[BaseModel]]) -> dict[str, Any]:
    _, shared = models_json_schema([(model, "validation") for model in models.values()])
    definitions = shared["$defs"]
    for model in models.values():
        definitions[model.__name__] = _without_extra(definitions[model.__name__], model)
    properties: dict[str, Any] = {}
    for name, model in models.items():
        row = {"$ref": f"#/$defs/{model.__name__}"}
        properties[name] = row if name in {"settings", "summary"} else {"type": "array", "items": row}
    return {"$schema": DIALECT, "title": "orderopt", "type": "object", "properties": properties, "$defs": definitions}


def _without_extra(schema: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Show columns only: `extra` is how a record keeps unknown columns, which a table may have."""
    if not issubclass(model, Record):
        return schema
    properties = {name: part for name, part in schema["properties"].items() if name != "extra"}
    marks = {"key": list(model.KEY), "references": model.references()}
    return {**schema, "properties": properties, "additionalProperties": True, **{k: v for k, v in marks.items() if v}}
