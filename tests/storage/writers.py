"""Processes that write into a store and tell what was acknowledged, for tests that kill them."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable

from orderopt.errors import ConflictError
from orderopt.storage.opening import open_store
from orderopt.testing.histories import build_write


class Writer:
    """A forked process whose lines on a pipe say what its store has acknowledged."""

    def __init__(self, work: Callable[[Callable[[str], None]], None]) -> None:
        read_end, write_end = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            os.close(read_end)
            code = 1
            try:
                work(lambda line: _write_all(write_end, f"{line}\n".encode()))
                code = 0
            except BaseException:  # noqa: BLE001  # a fork must not fall back into the test that forked it
                traceback.print_exc(file=sys.__stderr__)
            finally:
                os._exit(code)
        os.close(write_end)
        self._pipe = os.fdopen(read_end, "rb")

    def wait_for_a_line(self) -> bytes:
        """Wait until something was acknowledged."""
        return self._pipe.readline()

    def kill(self) -> list[str]:
        """Kill it as hard as can be, and return the rest of what it had acknowledged."""
        os.kill(self.process, signal.SIGKILL)
        return self.wait()[1]

    def wait(self) -> tuple[int, list[str]]:
        """Wait for its end; return its exit code and the rest of what it had acknowledged."""
        lines = self._pipe.read().decode().split("\n")[:-1]  # a line that was cut off was not acknowledged
        self._pipe.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1]), lines


def _write_all(pipe: int, line: bytes) -> None:
    while line:
        line = line[os.write(pipe, line) :]


def write_for_ever(url: str, name: str) -> Callable[[Callable[[str], None]], None]:
    """Return work that appends to two streams at once, for ever, and tells the digests of each."""

    def work(tell: Callable[[str], None]) -> None:
        store = open_store(url)
        mine, place = store.load(f"order/{name}"), 0
        while True:
            place += 1
            before = mine or f"order/{name}"
            write = build_write(before, labels={"n": str(place)}, text={"filling": "x" * 3000})
            other = build_write(
                f"stock/{name}-{write.after.version}", num_events=2, claims=[f"{name}{write.after.head}"]
            )
            store.append([write, other])
            tell(f"{write.after.stream} {write.after.version} {write.after.head} {other.after.stream}")
            mine = write.after

    return work


def write_some(url: str, name: str, num_commands: int) -> Callable[[Callable[[str], None]], None]:
    """Return work that adds to one shared stream and to its own, and tells what was acknowledged and what refused."""

    def work(tell: Callable[[str], None]) -> None:
        store = open_store(url)
        done = 0
        while done < num_commands:
            shared = store.load("stock/shared")
            writes = [
                build_write(shared or "stock/shared"),
                build_write(f"order/{name}-{done}", claims=[f"c{name}{done}"]),
            ]
            try:
                store.append(writes)
            except ConflictError as conflict:
                tell(f"conflict {conflict.stream} {conflict.expected} {conflict.found}")
                continue
            tell(f"done {writes[0].after.version} {writes[0].after.head}")
            done += 1
        store.close()

    return work
