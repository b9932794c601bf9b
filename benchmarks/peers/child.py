"""Running a solver in a process of its own: its imports happen before the clock, and it is stopped when it overruns."""

from __future__ import annotations

import multiprocessing
import resource
import time
from dataclasses import replace
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.peers import Found
from benchmarks.result import RefusedError

START_SECONDS = 60.0
"""Time to start the process and import; it does not count."""

GRACE_SHARE, GRACE_SECONDS = 0.2, 5.0
"""How far a solver may overrun before it is stopped without an answer."""

MEMORY = 12 << 30
"""Bytes of address space."""


def run_in_child(place: str, *arguments: Any, seconds: float) -> Found:
    """Return what ``module:function`` finds for the arguments and the seconds it may take.

    Raises
    ------
    RefusedError
        If the function does.
    RuntimeError
        If the function raises anything else.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, place), daemon=True)
    started = time.monotonic()
    process.start()
    theirs.close()
    try:
        if not ours.poll(START_SECONDS) or ours.recv() != "ready":
            return Found("UNKNOWN", None, note="the process did not start")
        began = time.monotonic()
        ours.send((arguments, seconds))
        if not ours.poll(seconds * (1 + GRACE_SHARE) + GRACE_SECONDS):
            took = time.monotonic() - began
            return Found("UNKNOWN", None, seconds=took, note="stopped: it did not keep its time")
        answer = ours.recv()
        took = time.monotonic() - began
    except EOFError:
        process.join()
        if process.exitcode == 1:
            raise RuntimeError(f"{place} failed; what Python said stands above") from None
        return Found("UNKNOWN", None, seconds=time.monotonic() - started, note="the process ended without an answer")
    finally:
        process.terminate()
        process.join()
    if isinstance(answer, RefusedError):
        raise answer
    return replace(answer, seconds=took, warm_seconds=began - started)


def _serve(connection: Connection, place: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    module, _, function = place.partition(":")
    solve = getattr(import_module(module), function)
    connection.send("ready")
    arguments, seconds = connection.recv()
    try:
        answer: Found | RefusedError = solve(*arguments, seconds)
    except RefusedError as refusal:
        answer = refusal
    except MemoryError:
        answer = Found("UNKNOWN", None, note=f"more than {MEMORY >> 30} GiB of memory")
    connection.send(answer)
