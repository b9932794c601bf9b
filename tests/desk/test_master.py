"""Master data goes into the store and comes out as the same snapshot."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import orderopt
from orderopt.desk import OrderDesk
from orderopt.errors import NotAllowedError
from orderopt.models.life.master import Catalogue, MasterRecord
from orderopt.models.life.roles import Actor, Role
from orderopt.stages.master import LIVING, PutMaster, RemoveMaster
from orderopt.storage.memory import MemoryStore

ADMINISTRATOR = Actor.of("root", Role.ADMINISTRATOR)


@pytest.fixture
def desk():
    return OrderDesk(MemoryStore(), clock=lambda: datetime(2026, 1, 5, 8, tzinfo=UTC))


def test_what_is_put_comes_out_again(desk):
    given = orderopt.read_snapshot("examples/realistic")
    assert desk.do(PutMaster.of(given), by=ADMINISTRATOR) > 0
    kept = desk.master
    for name in type(given).model_fields:
        if name not in LIVING | {"findings", "settings"}:
            assert sorted(map(repr, getattr(kept, name))) == sorted(map(repr, getattr(given, name))), name
    assert kept.settings == given.settings


def test_the_same_again_changes_nothing(desk):
    command = PutMaster.of(orderopt.read_snapshot("examples/small"))
    desk.do(command, by=ADMINISTRATOR)
    told = []
    desk.listen(told.append)
    assert desk.do(command, by=ADMINISTRATOR) == 0
    assert not told


def test_removed_rows_leave_the_snapshot_and_stay_in_the_store(desk):
    given = orderopt.read_snapshot("examples/small")
    desk.do(PutMaster.of(given), by=ADMINISTRATOR)
    gone = given.customers[0].customer_id
    before = desk.master
    assert desk.do(RemoveMaster(rows=(("customers", gone),)), by=ADMINISTRATOR) == 1
    assert gone in before.customer
    assert gone not in desk.master.customer
    assert desk.store.load(f"{MasterRecord.KIND}/customers/{gone}") is not None
    assert desk.store.load(f"{Catalogue.KIND}/all").version == 2


def test_sales_may_not_write_master_data(desk):
    with pytest.raises(NotAllowedError, match="it needs one of administrator, planner; roles: sales"):
        desk.do(PutMaster(records=()), by=Actor.of("ann", Role.SALES))
