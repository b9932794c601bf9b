"""Writers are killed at any moment, and many write at once: nothing that was acknowledged is lost."""

from __future__ import annotations

import random
import time

import pytest

from orderopt.errors import ConflictError
from orderopt.storage.check_stream import find_chain_faults, find_index_faults
from orderopt.storage.opening import open_store

from .writers import Writer, write_for_ever, write_some


def find_faults(store):
    """Faults of chains, labels and claims; made-up events fold into nothing, so that nothing is replayed."""
    faults = []
    streams = events = 0
    for shelf in store.walk():
        streams, events = streams + 1, events + len(shelf.events)
        faults += [*find_chain_faults(shelf), *find_index_faults(shelf)]
    assert store.count_places() == (events, 0)
    assert [event.seq for event in store.events()] == list(range(1, events + 1))
    return [str(fault) for fault in faults]


def check_kept(store, lines):
    for line in lines:
        stream, version, head, other = line.split()
        (event,) = store.history(stream, after=int(version) - 1)[:1]
        assert (event.version, event.digest) == (int(version), head)
        assert len(store.history(other)) == 2
        assert store.load(other) is not None


def kill_writers(url, times, chance):
    acknowledged = []
    for number in range(times):
        writer = Writer(write_for_ever(url, f"w{number % 7}"))
        if number % 4:
            acknowledged.append(writer.wait_for_a_line().decode().strip())
        time.sleep(chance.random() * 0.03)
        acknowledged += writer.kill()
    return [line for line in acknowledged if line]


def test_a_killed_writer_loses_nothing_that_was_acknowledged(store_url):
    acknowledged = kill_writers(store_url, 12, random.Random(1))
    store = open_store(store_url)
    assert len(acknowledged) >= 9  # three of four were heard before they fell
    check_kept(store, acknowledged)
    assert find_faults(store) == []
    store.close()


@pytest.mark.slow
def test_two_hundred_killed_writers_lose_nothing_that_was_acknowledged(sqlite_url):
    chance = random.Random(2)
    for _ in range(20):
        acknowledged = kill_writers(sqlite_url, 10, chance)
        store = open_store(sqlite_url)
        check_kept(store, acknowledged)
        assert find_faults(store) == []
        store.close()


@pytest.mark.slow
def test_fifty_killed_clients_of_a_server_lose_nothing_that_was_acknowledged(postgres_url):
    acknowledged = kill_writers(postgres_url, 50, random.Random(3))
    store = open_store(postgres_url)
    check_kept(store, acknowledged)
    assert find_faults(store) == []
    store.close()


@pytest.mark.slow
def test_a_server_that_falls_keeps_what_was_acknowledged():
    from orderopt.testing.postgres import running_postgres

    with running_postgres(is_safe=True) as server:
        url = server.url(server.make_database())
        open_store(url, create=True).close()
        for number in range(3):
            writer = Writer(write_for_ever(url, f"w{number}"))
            acknowledged = [writer.wait_for_a_line().decode().strip()]
            time.sleep(0.3)
            server.stop(mode="immediate")
            acknowledged += writer.kill()
            server.start()
            store = open_store(url)
            check_kept(store, acknowledged)
            assert find_faults(store) == []
            store.close()


def write_at_once(url, num_writers, num_commands):
    writers = [Writer(write_some(url, str(number), num_commands)) for number in range(num_writers)]
    ended = [writer.wait() for writer in writers]
    assert [code for code, _ in ended] == [0] * num_writers
    lines = [line.split() for _, told in ended for line in told]
    store = open_store(url)
    shared = {str(event.version): event.digest for event in store.history("stock/shared")}
    acknowledged = [line for line in lines if line[0] == "done"]
    assert len(acknowledged) == len(shared) == num_writers * num_commands
    assert all(shared[version] == digest for _, version, digest in acknowledged)
    assert store.count("order") == num_writers * num_commands
    conflicts = [line for line in lines if line[0] == "conflict"]
    assert all(stream == "stock/shared" and int(found) > int(expected) for _, stream, expected, found in conflicts)
    assert find_faults(store) == []
    store.close()
    return conflicts


def test_eight_processes_write_at_once_and_nothing_is_lost(store_url):
    conflicts = write_at_once(store_url, 8, 8)
    assert conflicts, "they did not meet at all"


@pytest.mark.slow
def test_eight_processes_write_much_at_once_and_nothing_is_lost(store_url):
    write_at_once(store_url, 8, 100)


def test_a_reader_never_misses_an_event_that_is_committed_later(store_url):
    """A follower reads on from the last place it saw, while others write; it ends with every event, once."""
    writers = [Writer(write_some(store_url, str(number), 10)) for number in range(4)]
    store = open_store(store_url)
    seen, ends = [], time.monotonic() + 60
    while len(seen) < 80 and time.monotonic() < ends:
        seen += [event.seq for event in store.events(after=seen[-1] if seen else 0)]
    assert [writer.wait()[0] for writer in writers] == [0] * 4
    assert seen == list(range(1, 81))
    store.close()


def test_a_slow_transaction_holds_back_the_places_after_it(postgres_url):
    """Whoever took places and has not committed yet makes others wait, so that places become visible in order."""
    from threading import Thread

    from orderopt.storage.sql.engines import writing
    from orderopt.storage.sql.write import keep
    from orderopt.testing.histories import build_write, put

    store = open_store(postgres_url)
    late = Thread(target=put, args=(store, "order/late"))
    with writing(store.engine) as connection:
        keep(connection, [build_write("order/early")])
        late.start()
        late.join(0.5)
        assert late.is_alive()
        assert list(store.events()) == []
    late.join()
    assert [(event.seq, event.stream) for event in store.events()] == [(1, "order/early"), (2, "order/late")]
    store.close()


def test_a_new_stream_and_a_claim_that_only_the_database_notices_are_told_as_ever(postgres_url):
    """Two transactions that cannot see each other: the unique constraint stops the second, which is done again."""
    from threading import Thread

    from orderopt.errors import ClaimTakenError
    from orderopt.storage.sql.engines import writing
    from orderopt.storage.sql.write import keep
    from orderopt.testing.histories import build_write

    store = open_store(postgres_url)
    caught = []

    def append(write):
        try:
            store.append([write])
        except (ConflictError, ClaimTakenError) as error:
            caught.append(error)

    threads = [
        Thread(target=append, args=[build_write("order/O-1")]),
        Thread(target=append, args=[build_write("order/O-2", claims=["a"])]),
    ]
    with writing(store.engine) as connection:
        keep(connection, [build_write("order/O-1", claims=["a"])])
        for thread in threads:
            thread.start()
        threads[0].join(0.3)
    for thread in threads:
        thread.join()
    conflict, taken = sorted(caught, key=lambda error: type(error).__name__, reverse=True)
    assert (conflict.stream, conflict.expected, conflict.found) == ("order/O-1", 0, 1)
    assert (taken.claim, taken.holder) == ("a", "order/O-1")
    store.close()
