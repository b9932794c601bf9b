"""What every store must do: a suite for pytest that a host's own store can be put through, too.

A test module makes a child of the class and gives it a fixture ``store`` that yields an empty store::

    class TestMyStore(StoreConformance):
        @pytest.fixture
        def store(self):
            yield MyStore()
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from threading import Thread
from typing import TypeVar

from orderopt.errors import ClaimTakenError, ConflictError, StoreError
from orderopt.models.life.part import Sensitivity
from orderopt.storage.store import Between, Store, Stored
from orderopt.testing.histories import DAY, build_write, put, to_history

E = TypeVar("E", bound=Exception)
ODD_TEXTS = ("", "a'b\"c", "%s :x {y} \\ \t\n\u2028", "訂單 ñ 🙂", "Z", "a", "é", "\U0001f600", "\ufffd")
"""Texts that have broken stores, and whose order by code points differs from that of any language."""


@contextmanager
def refused(kind: type[E]) -> Iterator[list[E]]:
    """Expect an error; it is in the list afterwards."""
    caught: list[E] = []
    try:
        yield caught
    except kind as error:
        caught.append(error)
    assert caught, f"{kind.__name__} was expected"


class StoreConformance:
    """One test for each promise of :class:`~orderopt.storage.store.Store`."""

    def test_an_empty_store_knows_nothing(self, store: Store) -> None:
        assert store.load("order/O-1") is None
        assert store.find_claim("external/web/1") is None
        assert store.find("order") == []
        assert store.count("order") == 0
        assert store.history("order/O-1") == []
        assert list(store.events()) == []
        assert list(store.walk()) == []

    def test_what_is_written_is_read_to_the_last_character(self, store: Store) -> None:
        apart = {Sensitivity.PERSONAL: '{"head.note":"a\'b 訂單"}', Sensitivity.PRICE: '{"lines.0.unit_price":"1.10"}'}
        labels = {f"label {place}": text for place, text in enumerate(ODD_TEXTS)}
        for place, text in enumerate(ODD_TEXTS):
            write = build_write(
                f"order/{text}", num_events=3, apart=apart, labels=labels, claims=[f"c{place}{text}"], why=text
            )
            store.append([write])
            assert store.load(f"order/{text}") == write.after
            assert [replace(event, seq=None) for event in store.history(f"order/{text}")] == list(write.events)
            assert all(event.compute_digest() == event.digest for event in store.history(f"order/{text}"))
            assert store.find_claim(f"c{place}{text}") == f"order/{text}"

    def test_moments_are_exact_to_the_microsecond_and_in_utc(self, store: Store) -> None:
        taipei = timezone(timedelta(hours=8))
        moments = [DAY.replace(microsecond=0), DAY, datetime(2026, 1, 1, 0, 0, 0, 1, taipei)]
        for place, at in enumerate(moments):
            put(store, f"order/{place}", at=at)
            (event,) = store.history(f"order/{place}")
            assert event.at == at + timedelta(minutes=1)
            assert event.at.utcoffset() == timedelta(0)
            assert event.compute_digest() == event.digest

    def test_a_document_is_written_onto_the_version_that_was_read(self, store: Store) -> None:
        first = put(store, "order/O-1", labels={"state": "draft", "customer": "C1"}, apart={Sensitivity.PRICE: "{}"})
        second = put(store, first, labels={"state": "submitted", "due": "2026"}, apart={Sensitivity.PERSONAL: "{}"})
        assert store.load("order/O-1") == second
        assert [event.version for event in store.history("order/O-1")] == [1, 2]
        assert [event.version for event in store.history("order/O-1", after=1)] == [2]
        assert store.find("order", {"state": "draft"}) == []
        assert store.find("order", {"customer": "C1"}) == []
        assert store.find("order", {"state": "submitted", "due": "2026"}) == [second]

    def test_a_write_onto_an_old_version_is_a_conflict_that_says_which(self, store: Store) -> None:
        first = put(store, "order/O-1")
        put(store, first)
        with refused(ConflictError) as caught:
            put(store, first)
        assert (caught[0].stream, caught[0].expected, caught[0].found) == ("order/O-1", 1, 2)
        with refused(ConflictError) as caught:
            put(store, "order/O-1")
        assert (caught[0].expected, caught[0].found) == (0, 2)
        with refused(ConflictError) as caught:
            put(store, Stored("order/O-9", "order", 4))
        assert (caught[0].stream, caught[0].expected, caught[0].found) == ("order/O-9", 4, 0)

    def test_writes_that_rest_on_something_old_are_a_conflict(self, store: Store) -> None:
        read = put(store, "order/O-1")
        put(store, "order/O-2")
        store.append([build_write("order/O-3")], {"order/O-1": 1, "order/O-2": 1, "order/O-9": 0})
        put(store, read)
        for stream, version, found in (("order/O-1", 1, 2), ("order/O-2", 0, 1), ("order/O-8", 3, 0)):
            with refused(ConflictError) as caught:
                store.append([build_write("order/O-4")], {"order/O-3": 1, stream: version})
            assert (caught[0].stream, caught[0].expected, caught[0].found) == (stream, version, found)
        assert store.load("order/O-4") is None

    def test_all_writes_are_kept_or_none(self, store: Store) -> None:
        old = put(store, "order/O-2", labels={"state": "draft"})
        now = put(store, old, labels={"state": "draft"})
        writes = [
            build_write("order/O-1", claims=["c1"], labels={"state": "draft"}),
            build_write(old, labels={"state": "x"}),
            build_write("order/O-3"),
        ]
        with refused(ConflictError):
            store.append(writes)
        assert store.find("order") == [now]
        assert store.find_claim("c1") is None
        assert [event.seq for event in store.events()] == [1, 2]

    def test_a_claim_has_one_holder(self, store: Store) -> None:
        first = put(store, "order/O-1", claims=["external/web/7"])
        with refused(ClaimTakenError) as caught:
            put(store, "order/O-2", claims=["external/web/7"])
        assert (caught[0].claim, caught[0].holder) == ("external/web/7", "order/O-1")
        assert store.load("order/O-2") is None
        put(store, first, claims=["external/web/8"])
        assert store.find_claim("external/web/7") is None
        assert put(store, "order/O-2", claims=["external/web/7"]) == store.load("order/O-2")

    def test_claims_can_change_hands_within_one_append(self, store: Store) -> None:
        first, second = put(store, "order/O-1", claims=["a"]), put(store, "order/O-2", claims=["b"])
        store.append([build_write(first, claims=["b"]), build_write(second, claims=["a"])])
        assert (store.find_claim("a"), store.find_claim("b")) == ("order/O-2", "order/O-1")

    def test_two_writes_of_one_append_cannot_take_one_claim(self, store: Store) -> None:
        with refused(ClaimTakenError) as caught:
            store.append([build_write("order/O-1", claims=["a"]), build_write("order/O-2", claims=["a"])])
        assert caught[0].holder == "order/O-1"
        assert store.find("order") == []

    def test_writes_whose_events_do_not_fit_are_refused(self, store: Store) -> None:
        good = build_write("order/O-1", num_events=2)
        misshapen = [
            replace(good, events=good.events[1:]),
            replace(good, events=good.events[:1]),
            replace(good, events=()),
            replace(good, after=replace(good.after, head="f" * 64)),
            replace(good, events=tuple(replace(event, stream="order/O-2") for event in good.events)),
        ]
        for write in misshapen:
            with refused(StoreError):
                store.append([write])
        with refused(StoreError):
            store.append([good, good])
        assert list(store.walk()) == []

    def test_documents_are_found_by_labels_and_spans_of_labels(self, store: Store) -> None:
        for number in range(6):
            state = "draft" if number % 2 else "confirmed"
            put(store, f"order/{number}", labels={"state": state, "due": f"2026-01-0{number}"})
        put(store, "supply/1", labels={"state": "draft", "due": "2026-01-03"})

        def names(**options: object) -> list[str]:
            return [one.stream for one in store.find("order", **options)]  # type: ignore[arg-type]

        assert names(where={"state": "draft"}) == ["order/1", "order/3", "order/5"]
        assert names(where={"due": Between("2026-01-02", "2026-01-04")}) == ["order/2", "order/3"]
        assert names(where={"state": "draft", "due": Between(low="2026-01-02")}) == ["order/3", "order/5"]
        assert names(where={"due": Between(high="2026-01-01")}) == ["order/0"]
        assert names(where={"due": Between()}) == names()
        assert names(where={"colour": Between()}) == []
        assert store.count("order", {"state": "draft"}) == 3
        assert store.count("supply") == 1

    def test_documents_come_in_the_order_of_code_points(self, store: Store) -> None:
        for place, text in enumerate(ODD_TEXTS):
            put(store, f"order/{text}", labels={"name": text} if place % 2 else {"name": "same", "name2": text})
        streams = sorted(f"order/{text}" for text in ODD_TEXTS)
        assert [one.stream for one in store.find("order")] == streams
        assert [one.stream for one in store.find("order", after=streams[2], limit=3)] == streams[3:6]
        by_label = [(one.labels["name"], one.stream) for one in store.find("order", order_by="name")]
        assert by_label == sorted(by_label)
        assert len(by_label) == len(ODD_TEXTS)
        assert len(store.find("order", order_by="name2", limit=100)) == len(ODD_TEXTS) - len(ODD_TEXTS) // 2
        spanned = store.find("order", {"name": Between("Z", "é")})
        assert sorted(one.labels["name"] for one in spanned) == sorted(
            text for text in (*ODD_TEXTS[1::2], *["same"] * 5) if "Z" <= text < "é"
        )

    def test_events_are_counted_without_gaps_over_all_streams(self, store: Store) -> None:
        first = put(store, "order/O-2", num_events=2)
        store.append([build_write("order/O-3"), build_write("order/O-1", num_events=2)])
        with refused(ConflictError):
            put(store, "order/O-1")
        put(store, first)
        told = [(event.seq, event.stream, event.version) for event in store.events()]
        assert [seq for seq, _, _ in told] == [1, 2, 3, 4, 5, 6]
        assert [name for _, name, _ in told] == ["order/O-2"] * 2 + ["order/O-3"] + ["order/O-1"] * 2 + ["order/O-2"]
        assert [event.seq for event in store.events(after=4)] == [5, 6]
        assert list(store.events(after=6)) == []

    def test_erased_values_are_gone_and_the_chain_holds(self, store: Store) -> None:
        apart = {Sensitivity.PERSONAL: '{"name":"Ann"}', Sensitivity.PRICE: '{"price":"9"}'}
        for name in ("order/O-1", "order/O-2"):
            put(store, name, num_events=2, apart=apart)
        store.erase(["order/O-1", "order/unknown"], Sensitivity.PERSONAL)
        found = store.load("order/O-1")
        assert found is not None
        assert found.apart == {Sensitivity.PRICE: '{"price":"9"}'}
        for event in store.history("order/O-1"):
            assert event.apart[Sensitivity.PERSONAL].is_erased
            assert event.apart[Sensitivity.PRICE].text == '{"price":"9"}'
            assert event.compute_digest() == event.digest
        assert not any(event.apart[Sensitivity.PERSONAL].is_erased for event in store.history("order/O-2"))

    def test_a_write_cannot_bring_back_what_was_erased_in_between(self, store: Store) -> None:
        apart = {Sensitivity.PERSONAL: '{"name":"Ann"}'}
        read = put(store, "order/O-1", apart=apart)
        store.erase(["order/O-1"], Sensitivity.PERSONAL)
        with refused(ConflictError):
            put(store, read, apart=apart)
        again = store.load("order/O-1")
        assert again is not None
        put(store, again, apart={Sensitivity.PERSONAL: '{"name":"Bob"}'})
        assert store.history("order/O-1")[0].apart[Sensitivity.PERSONAL].is_erased
        assert not store.history("order/O-1")[1].apart[Sensitivity.PERSONAL].is_erased

    def test_walking_shows_everything_stream_by_stream(self, store: Store) -> None:
        writes = [
            build_write(name, num_events=2, labels={"state": name}, claims=[name, f"{name}!"], apart={mark: "{}"})
            for name, mark in zip(("order/b", "order/B", "supply/ä", "order/é"), [*Sensitivity] * 2, strict=True)
        ]
        store.append(writes)
        shelves = {shelf.stream: shelf for shelf in store.walk()}
        assert list(shelves) == sorted(write.after.stream for write in writes)
        for write in writes:
            shelf = shelves[write.after.stream]
            assert shelf.document == write.after
            assert [replace(event, seq=None) for event in shelf.events] == list(write.events)
            assert (shelf.labels, shelf.claims) == (write.after.labels, write.after.claims)

    def test_documents_can_be_replaced_but_not_invented(self, store: Store) -> None:
        kept = put(store, "order/O-1", labels={"state": "draft"}, claims=["a"], apart={Sensitivity.PRICE: "{}"})
        other = put(store, "order/O-2", claims=["b"])
        mended = replace(kept, text='{"x":1}', labels={"open": "1"}, claims=frozenset({"c"}), apart={})
        store.replace([mended])
        assert store.load("order/O-1") == mended
        assert store.find("order", {"state": "draft"}) == []
        assert store.find("order", {"open": "1"}) == [mended]
        assert (store.find_claim("a"), store.find_claim("c")) == (None, "order/O-1")
        for wrong in (replace(mended, version=2), replace(mended, head="0" * 64), replace(mended, stream="order/O-7")):
            with refused(ConflictError):
                store.replace([other, wrong])
        assert store.load("order/O-2") == other

    def test_imported_histories_are_as_if_they_had_been_written(self, store: Store) -> None:
        apart = {Sensitivity.PERSONAL: '{"name":"Ann"}'}
        writes = [
            build_write(f"order/{n}", num_events=3, labels={"n": str(n)}, claims=[str(n)], apart=apart, why="old")
            for n in range(5)
        ]
        put(store, "order/before", claims=["before"])
        assert store.import_histories(to_history(write) for write in writes) == 15
        assert [event.seq for event in store.events()] == list(range(1, 17))
        for write in writes:
            history = store.history(write.after.stream)
            found = store.load(write.after.stream)
            assert found == replace(write.after, head=history[-1].digest)
            assert [event.data for event in history] == [event.data for event in write.events]
            assert all(event.compute_digest() == event.digest for event in history)
            assert all(seal.is_intact for event in history for seal in event.apart.values())
            assert [event.previous for event in history[1:]] == [event.digest for event in history[:-1]]
            put(store, found, labels={"n": "later"})
        with refused(ConflictError):
            store.import_histories([to_history(writes[0])])
        with refused(ClaimTakenError):
            store.import_histories([to_history(build_write("order/9", claims=["before"]))])

    def test_a_thousand_writes_are_one_append(self, store: Store) -> None:
        new = [build_write(f"order/{n:04}", labels={"n": str(n)}, claims=[f"c{n}"]) for n in range(1200)]
        store.append(new)
        store.append([build_write(write.after, labels={"m": "1"}) for write in new])
        assert store.count("order", {"m": "1"}) == 1200
        assert store.find_claim("c7") is None
        assert sum(1 for _ in store.events()) == 2400

    def test_threads_that_write_at_once_lose_nothing(self, store: Store) -> None:
        def work(name: str) -> None:
            done = 0
            while done < 10:
                found = store.load("stock/shared")
                try:
                    writes = [build_write(found or "stock/shared"), build_write(f"order/{name}-{done}")]
                    store.append(writes)
                except ConflictError:
                    continue
                done += 1

        threads = [Thread(target=work, args=(str(number),)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        shared = store.load("stock/shared")
        assert shared is not None
        assert shared.version == 40
        assert store.count("order") == 40
        history = store.history("stock/shared")
        assert [event.previous for event in history[1:]] == [event.digest for event in history[:-1]]
        assert [event.seq for event in store.events()] == list(range(1, 81))
