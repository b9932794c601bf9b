"""Writes the files of the newest schema version into this folder; run once, when the version is released."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from tests.storage.living import DAY, hold, receive, record

from orderopt.models.life.happened.order import HoldReleased
from orderopt.models.life.happened.stock import StockMoved, StockReserved
from orderopt.storage.backup.dump import back_up
from orderopt.storage.opening import open_store
from orderopt.storage.sql.schema import newest_version

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Write the SQL text of a small file and its backup."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "old.db"
        store = open_store(str(file), create=True)
        receive(store, 1)
        record(store, "order/O-1", hold(), at=DAY + timedelta(minutes=1))
        receive(store, 2)
        record(store, "stock/TABLE@", StockMoved(item_id="TABLE", on_hand=Decimal(100)))
        reserved = StockReserved(item_id="TABLE", order_id="O-1", line_no="1", quantity=Decimal("12.5"))
        record(store, "stock/TABLE@", reserved)
        record(store, "order/O-1", HoldReleased(hold_id="H1"))
        back_up(store, HERE / f"{newest_version()}.backup", at=DAY)
        store.close()
        with sqlite3.connect(file) as connection:
            (HERE / f"{newest_version()}.sql").write_text("\n".join(connection.iterdump()) + "\n", "utf-8")
    sys.stderr.write(f"version {newest_version()} is written\n")


if __name__ == "__main__":
    main()
