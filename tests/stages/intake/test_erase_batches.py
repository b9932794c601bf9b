"""What a batch in quarantine says of a customer can be erased."""

from __future__ import annotations

import pytest
from tests.stages.intake.desks import SALES, make_desk, receive, row

from orderopt.errors import GuardError
from orderopt.models.life.roles import Actor, Role
from orderopt.stages.intake.release import CorrectRow, DiscardRow, ReleaseRows
from orderopt.stages.intake.show import ShowBatch

ROOT = Actor.of("root", Role.ADMINISTRATOR)


def test_the_raw_text_of_a_customer_is_erased_once_no_row_waits():
    desk = make_desk()
    report = receive(desk, row(2, quantity="-3", customer_id="C-2", party_name="Ada Lovelace"))
    with pytest.raises(GuardError, match="ROWS_WAIT"):
        desk.erase_customer("C-2", by=ROOT, reason="asked for")
    desk.do(DiscardRow(batch_id=report.batch_id, row=2, why="a test"), by=SALES)
    desk.erase_customer("C-2", by=ROOT, reason="asked for")
    stored = [desk.store.load(f"batch/{report.batch_id}"), *desk.store.events()]
    assert "Ada" not in str(stored)
    (kept,) = desk.do(ShowBatch(batch_id=report.batch_id), by=SALES).rows
    assert (kept.raw, kept.fields, kept.faults[0].code) == (None, None, "BAD_QUANTITY")


def test_a_row_whose_text_is_erased_cannot_be_released():
    desk = make_desk()
    report = receive(desk, row(2, quantity="-3"))
    stored = desk.store.load(f"batch/{report.batch_id}")
    from orderopt.models.life.part import Sensitivity

    desk.store.erase([stored.stream], Sensitivity.PERSONAL)
    with pytest.raises(GuardError, match="ERASED"):
        desk.do(ReleaseRows(batch_id=report.batch_id, rows=(2,)), by=SALES)
    assert desk.do(CorrectRow(batch_id=report.batch_id, row=2, fields={"quantity": "3"}), by=SALES)
