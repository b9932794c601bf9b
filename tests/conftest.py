"""What every test may rely on: settled randomness, the shared data sets, and loud skips."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from tests.stores import (  # noqa: F401  # fixtures for every test
    _postgres_url,
    _sqlite_template,
    postgres,
    postgres_url,
    sql_store,
    sqlite_url,
    store,
    store_url,
)

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("ORDEROPT_SHARED_DATA", ROOT.parent / "shared" / "data"))
REQUIRE_ALL = os.environ.get("ORDEROPT_REQUIRE_ALL") == "1"

settings.register_profile(
    "ci", derandomize=True, max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("unshrunk", settings.get_profile("ci"), phases=[Phase.explicit, Phase.generate])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public benchmark data: ``ORDEROPT_SHARED_DATA``, or ``../shared/data`` beside the checkout."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no benchmark data in {SHARED_DATA}; set ORDEROPT_SHARED_DATA")
    return SHARED_DATA


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives a browser or measures time runs alone."""
    for item in items:
        if {"browser", "benchmark"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("serial")


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> pytest.TestReport | pytest.CollectReport:
    """Where everything is required, a skip is a failure."""
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"ORDEROPT_REQUIRE_ALL=1 allows no skip. {reason}"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport():
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report():
    return _refuse_skip((yield))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was left out."""
    if skipped := len(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(
            f"{skipped} tests were SKIPPED because something is missing here (reasons below); "
            "ORDEROPT_REQUIRE_ALL=1 makes that a failure.",
            yellow=True,
            bold=True,
        )


@pytest.fixture(scope="session")
def compiled_kernels() -> None:
    """Compile what a tiny search needs, once for all tests of a process."""
    from orderopt.solvers.scheduling.warm import warm_up

    warm_up()
