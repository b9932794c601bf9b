"""Master data as a snapshot, read again only when it has changed."""

from __future__ import annotations

from orderopt.models.life.document import unpack
from orderopt.models.life.master import MasterRecord, build_master
from orderopt.models.snapshot import Snapshot
from orderopt.storage.store import Store


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
    rows = store.find(MasterRecord.KIND, {"used": "1"})
    return version, build_master(unpack(MasterRecord, row.text, row.apart) for row in rows)
