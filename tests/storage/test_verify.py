"""A sound store is found sound; whatever is altered behind its back is found out."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from orderopt.models.life.part import Sensitivity
from orderopt.storage.verify import rebuild, verify

from .living import cancel, fill


def codes(store):
    return {finding.code for finding in verify(store).findings if finding.is_error}


def alter(store, statement):
    with store.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        assert connection.execute(text(statement)).rowcount > 0


def test_a_living_store_is_sound(store):
    fill(store)
    audit = verify(store)
    assert not [str(finding) for finding in audit.findings if finding.is_error]
    assert audit.streams > 40
    assert audit.events == sum(1 for _ in store.events())


def test_the_same_history_has_the_same_heads_on_every_store(store):
    fill(store)
    before = verify(store).heads
    assert verify(store).heads == before
    cancel(store, 4)
    assert verify(store).heads != before


def test_erased_stores_stay_sound_and_replay_to_the_same_documents(store):
    fill(store)
    store.erase(["order/O-0", "order/O-1"], Sensitivity.PERSONAL)
    audit = verify(store)
    assert audit.num_errors == 0
    assert audit.erased == 2
    assert "Miller" not in (store.load("order/O-0").text + str(store.load("order/O-0").apart))
    assert rebuild(store) == 0


def test_a_reservation_of_an_ended_order_is_an_orphan(store):
    fill(store)
    cancel(store, 1)
    (found,) = [finding for finding in verify(store).findings if finding.is_error]
    assert (found.code, found.subject) == ("ORPHANED_RESERVATION", "stock/TABLE@")
    assert "12.5 are reserved for order O-1, which has ended" in found.says


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE events SET data = replace(data, '12.5', '13.5') WHERE stream = 'order/O-2'", "ALTERED_EVENT"),
        ("UPDATE events SET actor = 'eve' WHERE stream = 'order/O-2' AND version = 2", "ALTERED_EVENT"),
        ("UPDATE event_apart SET text = replace(text, 'Ann', 'Eve') WHERE stream = 'order/O-2'", "ALTERED_EVENT"),
        ("UPDATE event_apart SET digest = 'x' WHERE stream = 'order/O-2'", "ALTERED_EVENT"),
        ("DELETE FROM events WHERE stream = 'order/O-2' AND version = 2", "LOST_EVENTS"),
        ("DELETE FROM events WHERE stream = 'order/O-0' AND version = 2", "LOST_EVENTS"),
        ("UPDATE counter SET value = value + 1", "LOST_EVENTS"),
        ("UPDATE documents SET head = previous FROM events e WHERE e.stream = documents.stream", "LOST_EVENTS"),
        ("UPDATE documents SET text = replace(text, '12.5', '13.5') WHERE stream = 'order/O-2'", "WRONG_DOCUMENT"),
        ("UPDATE document_apart SET text = replace(text, 'Ann', 'Eve') WHERE stream = 'order/O-2'", "WRONG_DOCUMENT"),
        ("UPDATE documents SET text = 'nonsense' WHERE stream = 'order/O-2'", "WRONG_DOCUMENT"),
        ("DELETE FROM labels WHERE stream = 'order/O-2' AND name = 'state'", "WRONG_INDEX"),
        ("UPDATE labels SET value = 'closed' WHERE stream = 'order/O-2' AND name = 'state'", "WRONG_INDEX"),
        ("DELETE FROM claims WHERE stream = 'order/O-2'", "WRONG_INDEX"),
    ],
)
def test_what_is_altered_behind_its_back_is_found(sql_store, statement, code):
    fill(sql_store)
    alter(sql_store, statement)
    assert code in codes(sql_store)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET text = replace(text, '12.5', '13.5') WHERE stream = 'order/O-2'",
        "DELETE FROM document_apart WHERE stream = 'order/O-2'",
        "DELETE FROM labels WHERE kind = 'order'",
        "DELETE FROM claims",
    ],
)
def test_documents_and_what_they_are_found_by_can_be_built_again(sql_store, statement):
    fill(sql_store)
    before = {shelf.stream: shelf for shelf in sql_store.walk()}
    alter(sql_store, statement)
    assert codes(sql_store)
    assert rebuild(sql_store) > 0
    assert not codes(sql_store)
    assert {shelf.stream: shelf for shelf in sql_store.walk()} == before


def test_faults_say_nothing_personal(sql_store):
    fill(sql_store)
    alter(sql_store, "UPDATE event_apart SET text = replace(text, 'Ann Miller', 'Ann\"Miller')")
    alter(sql_store, "UPDATE document_apart SET text = replace(text, 'Ann Miller', 'Ann\"Miller')")
    said = "".join(map(str, verify(sql_store).findings))
    assert "ALTERED_EVENT" in said
    assert "Miller" not in said
