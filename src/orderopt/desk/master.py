"""Master data as a snapshot, read again only when it has changed."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from orderopt.models.life.document import unpack
from orderopt.models.life.master import MasterRecord
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.storage.store import Store

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def load_master(store: Store, known: tuple[int, Snapshot] | None) -> tuple[int, Snapshot]:
    """Return the version of the catalogue and the master tables as a snapshot without orders and stock.

    Parameters
    ----------
    known
        What was returned before; returned again if nothing has changed.
    """
    stored = store.load("catalogue/all")
    version = 0 if stored is None else stored.version
    if known is not None and known[0] == version:
        return known
    tables: dict[str, list[Any]] = defaultdict(list)
    for row in store.find(MasterRecord.KIND, {"used": "1"}):
        document = unpack(MasterRecord, row.text, row.apart)
        tables[document.table].append(document.record)
    settings = tables.pop("settings", None)
    policy = settings[0] if settings else Policy(horizon_start=_NEVER)
    return version, Snapshot(settings=policy, **{name: tuple(rows) for name, rows in tables.items()})
