"""Convert every model below a folder: ``python -m benchmarks.converters.frepple SOURCE OUT``."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.converters.frepple.convert import convert_folder, describe


def main(arguments: list[str]) -> int:
    """Convert every model below the first folder into a folder of tables below the second, and report."""
    from orderopt.tables.write import write_snapshot

    if len(arguments) != 2:
        print("usage: python -m benchmarks.converters.frepple SOURCE OUT", file=sys.stderr)
        return 2
    conversions = convert_folder(Path(arguments[0]))
    for conversion in conversions:
        if conversion.snapshot is not None:
            write_snapshot(conversion.snapshot, Path(arguments[1]) / conversion.name)
    print(describe(conversions))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
