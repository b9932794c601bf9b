"""What orderopt runs on: versions of the stack, extras, processors and disk."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.table import Table

from orderopt.cli.talk import plain

CORE = (
    "ortools",
    "pulp",
    "highspy",
    "numba",
    "numpy",
    "pandas",
    "networkx",
    "pydantic",
    "typer",
    "rich",
    "jinja2",
    "bokeh",
    "sqlalchemy",
    "alembic",
)
EXTRAS = {
    "postgres": ("psycopg",),
    "excel": ("xlsxwriter", "python-calamine"),
    "plot": ("matplotlib",),
    "notebook": ("anywidget",),
}


def collect_facts() -> dict[str, Any]:
    """Return versions, processors and free disk; None stands for a package that is not there."""
    from orderopt import __version__

    return {
        "orderopt": __version__,
        "python": sys.version.split()[0],
        "platform": sys.platform,
        "processors": os.cpu_count(),
        "free_disk_gb": round(shutil.disk_usage(Path.cwd()).free / 1e9, 1),
        "core": {name: _version_of(name) for name in CORE},
        "extras": {extra: {name: _version_of(name) for name in names} for extra, names in EXTRAS.items()},
    }


def _version_of(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def facts_table(facts: dict[str, Any]) -> Table:
    """Return the facts as a table for a person."""
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in facts.items():
        if not isinstance(value, dict):
            table.add_row(name, str(value))
    for name, found in facts["core"].items():
        table.add_row(name, found or "missing")
    for extra, packages in facts["extras"].items():
        for name, found in packages.items():
            table.add_row(name, found or plain(f'not here; pip install "orderopt[{extra}]"'))
    return table
