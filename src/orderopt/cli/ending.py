"""How a command ends: the exit codes, and what is said where it could not do its work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

import typer

from orderopt.errors import (
    CancelledError,
    CommandError,
    IncorrectPlanError,
    InputError,
    NoAnswerError,
    NotFoundError,
    OrderOptError,
    UnknownStrategyError,
)

if TYPE_CHECKING:
    from orderopt.cli.talk import Talk

EXIT_CODES = """\b
Exit codes:
  0    done; the plan keeps every rule
  2    wrong usage
  3    faults in the input
  4    proven that no plan exists
  5    no plan within the time limit
  6    a file or the store could not be read or written
  7    a command on an order was refused; nothing was changed
  130  interrupted; the best plan so far was written
"""


class ExitCode(IntEnum):
    """How a command ended, for scripts."""

    DONE = 0
    USAGE = 2
    BAD_INPUT = 3
    INFEASIBLE = 4
    NO_PLAN = 5
    FILE_ERROR = 6
    REFUSED = 7
    INTERRUPTED = 130


@contextmanager
def ending(talk: Talk) -> Iterator[None]:
    """Turn what can go wrong into words and an exit code."""
    try:
        yield
    except InputError as error:
        code = ExitCode.BAD_INPUT if error.findings else ExitCode.FILE_ERROR
        says, findings = str(error).splitlines()[0], error.findings
    except UnknownStrategyError as error:
        code, says, findings = ExitCode.USAGE, str(error), ()
    except CancelledError as error:
        code, says, findings = ExitCode.INTERRUPTED, str(error), ()
    except NoAnswerError as error:
        code, says, findings = ExitCode.NO_PLAN, str(error), ()
    except IncorrectPlanError:
        raise
    except (CommandError, NotFoundError) as error:
        code, says, findings = ExitCode.REFUSED, str(error).splitlines()[0], getattr(error, "findings", ())
    except (OSError, OrderOptError) as error:
        code, says, findings = ExitCode.FILE_ERROR, str(error), ()
    else:
        return
    talk.list_findings(findings)
    talk.complain(f"orderopt: {says}")
    faults = [finding.model_dump(mode="json") for finding in findings]
    talk.document({"error": says, "exit_code": int(code), "findings": faults})
    raise typer.Exit(int(code))
