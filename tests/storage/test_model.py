"""Random commands to a store on a database and to one in memory: they answer alike, refusals included."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from orderopt.errors import StoreError
from orderopt.models.life.part import Sensitivity
from orderopt.storage.memory import MemoryStore
from orderopt.storage.opening import open_store
from orderopt.storage.store import Between, Stored
from orderopt.testing.histories import build_write, to_history

STREAMS = st.sampled_from(["order/a", "order/B", "order/é", "stock/a", "order/\U0001f600"])
VALUES = st.sampled_from(["", "a", "B", "é", "0", "\uffff", "\U0001f600"])
LABELS = st.dictionaries(st.sampled_from(["state", "due", "po"]), VALUES)
CLAIMS = st.frozensets(st.sampled_from(["x", "y", "Z"]), max_size=2)
APART = st.dictionaries(st.sampled_from(list(Sensitivity)), st.sampled_from(["{}", '{"a":"b"}']))
SPANS = st.one_of(VALUES, st.builds(Between, st.none() | VALUES, st.none() | VALUES))
WHERE = st.dictionaries(st.sampled_from(["state", "due", "po"]), SPANS)


class Twins(RuleBasedStateMachine):
    """The same commands to two stores."""

    other: Any

    def __init__(self) -> None:
        super().__init__()
        self.memory = MemoryStore()
        self.read: dict[str, Stored] = {}

    def both(self, work: Any) -> Any:
        """Do it to both and compare what comes of it."""
        answers = []
        for store in (self.memory, self.other):
            try:
                answers.append(work(store))
            except StoreError as error:
                answers.append((type(error), str(error)))
        assert answers[0] == answers[1]
        return answers[0]

    @rule(stream=STREAMS)
    def load(self, stream: str) -> None:
        """Read a document, to write onto it later, maybe too late."""
        found = self.both(lambda store: store.load(stream))
        if found is not None:
            self.read[stream] = found

    @rule(
        parts=st.lists(st.tuples(STREAMS, LABELS, CLAIMS, APART, st.integers(1, 3)), min_size=1, max_size=3),
        is_fresh=st.booleans(),
    )
    def append(self, parts: Any, is_fresh: bool) -> None:
        """Write onto what is there, or onto what was read some time ago."""
        writes = []
        for stream, labels, claims, apart, number in parts:
            known = self.memory.load(stream) if is_fresh else self.read.get(stream)
            writes.append(build_write(known or stream, labels=labels, claims=claims, apart=apart, num_events=number))
        self.both(lambda store: store.append(writes))

    @rule(stream=STREAMS, labels=LABELS, claims=CLAIMS)
    def import_one(self, stream: str, labels: Any, claims: Any) -> None:
        """Import a whole history."""
        history = to_history(build_write(stream, labels=labels, claims=claims, num_events=2))
        self.both(lambda store: store.import_histories([history]))

    @rule(streams=st.lists(STREAMS, max_size=2), mark=st.sampled_from(list(Sensitivity)))
    def erase(self, streams: list[str], mark: Sensitivity) -> None:
        """Forget."""
        self.both(lambda store: store.erase(streams, mark))

    @rule(stream=STREAMS, labels=LABELS)
    def put_back(self, stream: str, labels: Any) -> None:
        """Replace a document by another of the same version."""
        found = self.memory.load(stream)
        if found is not None:
            again = replace(found, labels=labels, text='{"again":1}')
            self.both(lambda store: store.replace([again]))

    @rule(
        where=WHERE,
        order_by=st.none() | st.sampled_from(["state", "due"]),
        after=st.none() | STREAMS,
        limit=st.none() | st.integers(0, 3),
    )
    def ask(self, where: Any, order_by: str | None, after: str | None, limit: int | None) -> None:
        """Look for documents."""
        options = {"order_by": order_by, "after": after, "limit": limit}
        self.both(lambda store: store.find("order", where, **options))
        self.both(lambda store: store.count("order", where))

    @rule(stream=STREAMS, after=st.integers(0, 4), claim=st.sampled_from(["x", "y", "Z"]))
    def look(self, stream: str, after: int, claim: str) -> None:
        """Read histories and claims."""
        self.both(lambda store: store.history(stream, after))
        self.both(lambda store: list(store.events(after)))
        self.both(lambda store: store.find_claim(claim))

    @invariant()
    def they_hold_the_same(self) -> None:
        """Everything is equal, at each step."""
        self.both(lambda store: (list(store.walk()), store.count_places()))


@pytest.mark.parametrize("num_examples", [6, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_store_on_a_database_is_as_the_one_in_memory(
    database: str, num_examples: int, request: pytest.FixtureRequest, tmp_path
):
    from hypothesis import settings
    from tests.stores import empty

    template = request.getfixturevalue("_sqlite_template")
    url = request.getfixturevalue("postgres_url") if database == "postgres" else f"sqlite:///{tmp_path / 'twin.db'}"

    class Machine(Twins):
        def __init__(self) -> None:
            super().__init__()
            if database == "postgres":
                empty(url)
            else:
                for path in tmp_path.glob("twin.db*"):
                    path.unlink()
                shutil.copy(template, tmp_path / "twin.db")
            self.other = open_store(url)

        def teardown(self) -> None:
            self.other.close()

    run_state_machine_as_test(Machine, settings=settings(max_examples=num_examples, stateful_step_count=20))
