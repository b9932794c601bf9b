"""What a store runs on, and whether it is set up so that nothing acknowledged can be lost."""

from __future__ import annotations

import shutil
from typing import Any

from sqlalchemy import Connection, Engine, func, inspect, select, text

from orderopt.models.finding import Finding
from orderopt.storage.sql.engines import find_sqlite_file, reading, show_url
from orderopt.storage.sql.schema import newest_version, read_version
from orderopt.storage.sql.tables import documents, events

_SAFE = {
    "sqlite": {"journal_mode": ("wal",), "synchronous": ("2", "3"), "foreign_keys": ("1",)},
    "postgresql": {
        "fsync": ("on",),
        "synchronous_commit": ("on", "remote_apply", "remote_write", "local"),
        "full_page_writes": ("on",),
    },
}


def collect_store_facts(engine: Engine) -> dict[str, Any]:
    """Return kind, versions, settings, size and counts of a store of any schema version."""
    name = engine.dialect.name
    with reading(engine) as connection:
        facts: dict[str, Any] = {
            "store": show_url(engine.url),
            "database": f"{name} {_read_server_version(connection)}",
            "schema": read_version(engine),
            "newest_schema": newest_version(),
            "settings": {setting: _read_setting(connection, setting) for setting in _SAFE[name]},
            "size_mb": _read_size(connection),
            "documents": {},
            "events": 0,
            "last_event": None,
        }
        file = find_sqlite_file(engine.url.render_as_string(hide_password=False))
        if file is not None:
            facts["free_disk_gb"] = round(shutil.disk_usage(file.absolute().parent).free / 1e9, 1)
            facts["pages"] = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        if inspect(connection).has_table("events"):
            kinds = select(documents.c.kind, func.count()).group_by(documents.c.kind).order_by(documents.c.kind)
            facts["documents"] = dict(map(tuple, connection.execute(kinds)))
            facts["events"] = connection.execute(select(func.count()).select_from(events)).scalar_one()
            last = connection.execute(select(func.max(events.c.at))).scalar_one()
            facts["last_event"] = None if last is None else last.isoformat()
    return facts


def find_store_faults(facts: dict[str, Any]) -> list[Finding]:
    """Return what should be mended, from the facts of a store."""
    name = facts["database"].split()[0]
    found = [
        Finding(
            code="UNSAFE_SETTING",
            subject=setting,
            value=value,
            says=f"{setting} is {value}: what was acknowledged can be lost",
            expected=" or ".join(_SAFE[name][setting]),
            mend="set it in the database's configuration",
        )
        for setting, value in facts["settings"].items()
        if value not in _SAFE[name][setting]
    ]
    if facts["schema"] is None:
        found.append(Finding(code="NO_STORE", says="there are no tables", mend="orderopt db init"))
    elif facts["schema"] != facts["newest_schema"]:
        says = f"the tables are of version {facts['schema']}, this orderopt works with {facts['newest_schema']}"
        found.append(Finding(code="OTHER_SCHEMA", says=says, mend="orderopt db backup, then orderopt db upgrade"))
    if facts.get("pages", "ok") != "ok":
        found.append(Finding(code="DAMAGED_FILE", says="pages of the file are damaged", mend="restore a backup"))
    return found


def _read_server_version(connection: Connection) -> str:
    if connection.dialect.name == "sqlite":
        return str(connection.execute(text("SELECT sqlite_version()")).scalar())
    return str(connection.execute(text("SHOW server_version")).scalar()).split()[0]


def _read_setting(connection: Connection, name: str) -> str:
    ask = f"PRAGMA {name}" if connection.dialect.name == "sqlite" else f"SHOW {name}"
    return str(connection.exec_driver_sql(ask).scalar())


def _read_size(connection: Connection) -> float:
    if connection.dialect.name == "sqlite":
        pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
        return round(pages * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one()) / 1e6, 1)
    return round(float(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()) / 1e6, 1)
