"""``python -m orderopt``: the same as the command ``orderopt``."""

from __future__ import annotations

import time

STARTED = time.monotonic()
"""When the process began (nearly): a time limit is for the whole command, loading included."""


def main() -> None:
    """Run the command line."""
    from orderopt.cli.commands import app

    app(obj=STARTED)


if __name__ == "__main__":
    main()
