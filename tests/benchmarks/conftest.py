"""The benchmarks stand beside the package, not in it: put the project's top folder on the path."""

from __future__ import annotations

import sys
from pathlib import Path

TOP = str(Path(__file__).resolve().parents[2])
if TOP not in sys.path:
    sys.path.insert(0, TOP)
