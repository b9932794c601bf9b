"""Ending a search early: Ctrl-C and SIGTERM."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orderopt.cli.talk import Talk

_STOPPING = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Ctrl-C and SIGTERM, turned into an event; a second one ends the process at once.

    The signals are blocked in all threads and asked for by the main thread: solvers put handlers of their own in the
    place of Python's, and a blocked signal reaches none of them. Where signals cannot be blocked, handlers do.
    """

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.event = threading.Event()
        self.can_block = hasattr(signal, "sigtimedwait")

    def obey(self, *_: Any) -> None:
        """Set the event, and leave the next signal to the system."""
        self.event.set()
        for number in _STOPPING:
            signal.signal(number, signal.SIG_DFL)
        if self.can_block:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
        self.talk.complain("Stopping; the best plan so far will be written. Once more ends at once.")

    def wait(self, worker: threading.Thread) -> None:
        """Wait for a thread, with an open ear."""
        while worker.is_alive():
            if not self.can_block or self.event.is_set():
                worker.join(timeout=0.1)
            elif signal.sigtimedwait(_STOPPING, 0.05) is not None:
                self.obey()


@contextmanager
def stop_signals(talk: Talk) -> Iterator[Stop]:
    """Listen for signals while a plan is made, and put everything back after it."""
    stop = Stop(talk)
    if threading.current_thread() is not threading.main_thread():
        stop.can_block = False
        yield stop
        return
    handlers = {number: signal.signal(number, stop.obey) for number in _STOPPING}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING) if stop.can_block else set()
    try:
        yield stop
    finally:
        if stop.can_block:
            while signal.sigtimedwait(_STOPPING, 0) is not None:
                pass  # it came too late to stop anything
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
