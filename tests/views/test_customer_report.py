"""The report that a customer reads: in two languages, escaped, complete, and readable in a browser."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from orderopt.models.customer import Language
from orderopt.models.life.customer_report import (
    CustomerReport,
    ReportedLine,
    ReportedOrder,
    ReportedShipment,
    Standing,
)
from orderopt.views.customer_report import build_customer_page, build_customer_text
from orderopt.views.customer_texts import TEXTS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NASTY = "<b>&\"'桌"


def build_report(language=Language.ENGLISH, **said):
    line = ReportedLine(
        line_no="10",
        item_id="CHAIR",
        item_name=NASTY,
        unit="pcs",
        wanted=Decimal("10.50"),
        shipped=Decimal(4),
        delivered=Decimal(4),
        standing=Standing.PARTLY_SHIPPED,
        requested_at=NOON + 3 * DAY,
        promised_at=NOON + 4 * DAY,
        expected_at=NOON + 5 * DAY + timedelta(hours=8),
    )
    quiet = line.model_copy(update={"line_no": "20", "expected_at": None, "promised_at": None})
    shipment = ReportedShipment(
        shipment_id="O-1-S1",
        state="delivered",
        carrier="Post",
        tracking_no="T<1>",
        shipped_at=NOON,
        expected_at=NOON + DAY,
        quantity=Decimal(4),
    )
    order = ReportedOrder(
        order_id="O-1",
        customer_po="PO-77",
        received_at=NOON - 9 * DAY,
        lines=(line, quiet),
        shipments=(shipment,),
        num_questions=1,
        questions=("Which colour?",),
    )
    known = {"customer_name": "Ann & Co", "orders": (order,)}
    return CustomerReport(
        customer_id="C-1",
        language=language,
        timezone="Asia/Taipei",
        since=NOON - 7 * DAY,
        until=NOON,
        as_of=NOON,
        **(known | said),
    )


def test_both_languages_say_everything():
    first, second = TEXTS[Language.ENGLISH], TEXTS[Language.CHINESE]
    assert set(TEXTS) == set(Language)
    assert set(first) == set(second) >= {str(standing) for standing in Standing}
    for name in first:
        assert re.findall(r"{(\w+)", first[name]) == re.findall(r"{(\w+)", second[name]), name


@pytest.mark.parametrize("build", [build_customer_page, build_customer_text])
@pytest.mark.parametrize("language", Language)
def test_a_report_says_how_everything_stands(build, language):
    text = build(build_report(language))
    said = {
        Language.ENGLISH: (
            "10.5 pcs",
            "Partly shipped",
            "2 d late",
            "2026-03-06",
            "arrived 2026-03-03",
            "Which colour?",
        ),
        Language.CHINESE: (
            "10.5 pcs",
            "部分出貨",
            "延遲 2 天",
            "2026 年 3 月 6 日",
            "2026 年 3 月 3 日 送達",
            "Which colour?",
        ),
    }
    for part in (*said[language], "PO-77", "O-1-S1", "20:00 CST"):
        assert part in text
    assert "桌" in text


def test_what_comes_from_outside_is_escaped_in_the_page():
    page = build_customer_page(build_report())
    assert NASTY not in page
    assert "T<1>" not in page
    assert "&lt;b&gt;&amp;" in page
    assert "<script" not in page


@pytest.mark.parametrize("build", [build_customer_page, build_customer_text])
def test_without_a_name_and_with_nothing_to_say_there_is_still_a_report(build):
    text = build(build_report(customer_name=None, orders=()))
    assert "C-1" in text
    assert TEXTS[Language.ENGLISH]["nothing"] in text


@pytest.mark.parametrize("build", [build_customer_page, build_customer_text])
def test_a_masked_question_is_counted_and_not_told(build):
    report = build_report()
    masked = report.orders[0].model_copy(update={"questions": None})
    text = build(report.model_copy(update={"orders": (masked,)}))
    assert "1 open" in text
    assert "colour" not in text


@pytest.mark.serial
@pytest.mark.timeout(180)
@pytest.mark.skipif(not (shutil.which("chromium") and shutil.which("chromedriver")), reason="chromium is not installed")
@pytest.mark.parametrize("language", Language)
def test_a_browser_shows_all_columns_and_no_fault(tmp_path, language):
    from selenium import webdriver

    page = tmp_path / "report.html"
    page.write_text(build_customer_page(build_report(language)), "utf-8")
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1000,900",
        f"--user-data-dir={tmp_path}/p",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        driver.get(page.as_uri())
        assert driver.execute_script("return document.documentElement.lang") == language.value
        assert driver.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
        heads = driver.execute_script("return [...document.querySelectorAll('thead th')].map(x => x.textContent)")
        assert heads == [
            TEXTS[language][name]
            for name in ("line", "item", "quantity", "shipped_quantity", "status", "requested", "promised", "expected")
        ]
        assert not driver.get_log("browser")
    finally:
        driver.quit()
