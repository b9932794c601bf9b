"""Events of old orders move into a file; what is left behind is still whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orderopt.models.life.happened.order import HoldReleased
from orderopt.models.life.order_case import OrderCase
from orderopt.storage.backup.archive import archive_orders, read_history
from orderopt.storage.backup.dump import back_up
from orderopt.storage.backup.restore import restore
from orderopt.storage.opening import open_store
from orderopt.storage.verify import rebuild, verify

from .living import DAY, cancel, fill, record

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def test_events_of_ended_orders_move_and_everything_else_stays(sql_store, tmp_path):
    fill(sql_store)
    for number in (2, 3):
        cancel(sql_store, number)
    record(sql_store, "order/O-3", HoldReleased(hold_id="H1"), at=DAY + timedelta(days=9))
    kept = {stream: sql_store.load(f"order/{stream}") for stream in ("O-2", "O-3", "O-4")}
    history = sql_store.history("order/O-2")

    moved = archive_orders(sql_store, tmp_path / "old", before=DAY + timedelta(days=1), at=NOW)

    assert (moved.orders, moved.events) == (1, 3)
    assert {stream: sql_store.load(f"order/{stream}") for stream in kept} == kept
    assert sql_store.history("order/O-2") == []
    assert len(sql_store.history("order/O-3")) == 4
    assert read_history(tmp_path / "old", "order/O-2") == history
    assert sql_store.find_claim("external/web/W2") == "order/O-2"
    assert sql_store.find(OrderCase.KIND, {"customer": "C2", "open": "0"}) == [kept["O-2"]]
    assert verify(sql_store).num_errors == 0
    assert rebuild(sql_store) == 0


def test_the_chain_goes_on_from_the_kept_head(sql_store, tmp_path):
    from orderopt.models.life.event import Event
    from orderopt.storage.replay import build_stored
    from orderopt.storage.store import Write

    fill(sql_store)
    cancel(sql_store, 2)
    archive_orders(sql_store, tmp_path / "first", before=NOW, at=NOW)
    before = sql_store.load("order/O-2")
    event = Event("order/O-2", 4, NOW, "ann", "sales", "HoldReleased", '{"hold_id":"H1"}').chained(before.head)
    from orderopt.models.life.document import fold, unpack

    document = fold(unpack(OrderCase, before.text, before.apart), event)
    sql_store.append([Write(before, build_stored(document, event.digest), (event,))])
    assert [one.version for one in sql_store.history("order/O-2")] == [4]
    assert verify(sql_store).num_errors == 0
    moved = archive_orders(sql_store, tmp_path / "second", before=NOW + timedelta(days=1), at=NOW)
    assert (moved.orders, moved.events) == (1, 1)
    assert [one.version for one in read_history(tmp_path / "second", "order/O-2")] == [4]
    assert verify(sql_store).num_errors == 0


def test_nothing_old_makes_no_file(sql_store, tmp_path):
    fill(sql_store)
    assert archive_orders(sql_store, tmp_path / "old", before=NOW, at=NOW).archive is None
    assert not (tmp_path / "old").exists()


def test_a_store_with_archived_orders_is_backed_up_and_restored(sql_store, tmp_path):
    fill(sql_store)
    cancel(sql_store, 2)
    archive_orders(sql_store, tmp_path / "old", before=NOW, at=NOW)
    path = back_up(sql_store, tmp_path / "b", at=NOW).path
    fresh = open_store(f"sqlite:///{tmp_path / 'fresh.db'}", create=True)
    restore(path, fresh.engine)
    assert list(fresh.walk()) == list(sql_store.walk())
    fresh.close()
