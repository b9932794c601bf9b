"""What the commands say: data on standard output, talk on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from orderopt.models.finding import Finding
    from orderopt.solvers.budget import Progress


class Talk:
    """What is said on standard error and shown on standard output."""

    def __init__(self, *, as_json: bool, quiet: bool) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.out = Console(file=sys.stdout, highlight=False, soft_wrap=True)
        self.err = Console(file=sys.stderr, stderr=True, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """Say something that a quiet run leaves out."""
        if not self.quiet:
            self.err.print(text, markup=False)

    def complain(self, text: str) -> None:
        """Say what went wrong."""
        self.err.print(text, markup=False)

    def show(self, what: Any) -> None:
        """Show a result that a program does not read."""
        if not (self.quiet or self.as_json):
            self.out.print(what)

    def document(self, content: Any) -> None:
        """Print the one JSON document of a command."""
        if self.as_json:
            sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")

    def list_findings(self, findings: Sequence[Finding]) -> None:
        """Tell every finding: as a table to a person, a line each to a program; quiet: errors only."""
        told = [finding for finding in findings if finding.is_error or not self.quiet]
        if not (told and self.err.is_terminal):
            for finding in told:
                self.complain(str(finding))
            return
        table = Table("", "code", "table", "row", "column", "what", "next", show_lines=False, box=None, pad_edge=False)
        for finding in told:
            subject = f"{finding.subject}: " if finding.subject else ""
            expected = f" (expected: {finding.expected})" if finding.expected else ""
            cells = (
                finding.severity.value,
                finding.code,
                finding.table or "",
                str(finding.row or ""),
                finding.column or "",
                f"{subject}{finding.says}{expected}",
                finding.mend or "",
            )
            table.add_row(*(plain(cell) for cell in cells), style="red" if finding.is_error else "yellow")
        self.err.print(table, soft_wrap=False)


def plain(text: str) -> Text:
    """Return text in which brackets are brackets, not markup."""
    return Text(text)


@contextmanager
def showing_progress(talk: Talk) -> Iterator[Callable[[Progress], None]]:
    """Show progress as one living line, if a person is looking."""
    if talk.quiet or not talk.err.is_terminal:
        yield lambda _: None
        return
    with talk.err.status("planning …") as line:

        def tell(event: Progress) -> None:
            cost = "" if event.objective is None else f"  cost {event.objective:,.2f}"
            gap = "" if event.gap is None else f"  gap {event.gap:.1%}"
            line.update(plain(f"{event.seconds:5.1f} s  {event.stage}: {event.message}{cost}{gap}"))

        yield tell
