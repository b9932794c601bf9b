from __future__ import annotations

import time
from typing import Any

import pytest
from tests.properties.hand_made import line, plant, step

from orderopt.solvers.budget import Progress
from orderopt.stages import plan as plan_stage
from orderopt.stages import warm
from orderopt.stages.plan import plan


def test_whatever_kernels_need_compiling_have_run_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "is_compiled", lambda _: False)
    told: list[str] = []
    assert warm.compile_kernels(lambda: told.append("begins")) > 0
    assert told == ["begins"]
    assert all(kernel.signatures for kernel in warm.LARGEST)


def test_what_is_compiled_already_takes_no_time_and_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "is_compiled", lambda _: True)
    told: list[str] = []
    assert warm.compile_kernels(lambda: told.append("begins")) == 0.0
    assert told == []


def test_compiling_is_told_and_not_counted_in_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def compile_slowly(tell: Any) -> float:
        tell()
        return 60.0

    monkeypatch.setattr(plan_stage, "compile_kernels", compile_slowly)
    told: list[Progress] = []
    began = time.monotonic() - 60.0
    snapshot = plant([line("A", 2, due=9)], [step("U1", 30)])
    made = plan(snapshot, time_limit=20.0, workers=1, started=began, on_progress=told.append)
    assert (told[0].stage, told[0].message) == ("compile", plan_stage.COMPILING)
    assert told[0].seconds >= 60.0
    assert any("60 s that the time limit does not count" in warning for warning in made.summary.warnings)
    assert not any("too short" in warning for warning in made.summary.warnings)
