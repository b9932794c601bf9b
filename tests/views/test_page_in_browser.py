"""The page in a real browser, without a network: what a planner would see and do."""

import io
import json
import shutil
from pathlib import Path

import pytest

from orderopt.models.plan import Plan
from orderopt.views.page import write_page
from orderopt.views.rows import LATE_COLOUR, PALETTE

from .plans import NASTY, small_snapshot, small_tables, summary

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"),
    pytest.mark.serial,
    pytest.mark.timeout(180),
]

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--force-device-scale-factor=1", "--window-size=1280,1000", "--host-resolver-rules=MAP * ~NOTFOUND",
]  # fmt: skip

TASKS = """
for (const chart of Bokeh.documents) {
  const tasks = chart.get_model_by_name("tasks"), plot = chart.get_model_by_name("gantt-chart");
  if (!tasks) continue;
"""
PLACE = (
    TASKS
    + """
  const view = Bokeh.index.find_one_by_id(plot.id), i = [...tasks.data.task].indexOf(arguments[0]);
  const box = view.canvas_view.el.getBoundingClientRect();
  return [box.x + view.frame.x_scale.compute((tasks.data.middle[i] + tasks.data.right[i]) / 2),
          box.y + view.frame.y_scale.compute((tasks.data.top[i] + tasks.data.bottom[i]) / 2)];
}"""
)
TOOLTIP = """
const texts = [];
const walk = (root) => { for (const el of root.querySelectorAll("*")) {
  if (el.className && String(el.className).includes("Tooltip") && el.shadowRoot) texts.push(el.shadowRoot.textContent);
  if (el.shadowRoot) walk(el.shadowRoot);
} };
walk(document);
return texts.join(" ");
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.set_network_conditions(offline=True, latency=0, throughput=0)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("page") / "plan.html"
    write_page(Plan(small_snapshot(), summary(), small_tables()), target)
    return target


@pytest.fixture
def page(browser, path: Path):
    """The page, freshly opened, its charts painted."""
    open_page(browser, path)
    return browser


def open_page(browser, path: Path) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(path.as_uri())
    painted = TASKS + " return [...plot.document.roots()].length > 0 && plot.inner_width > 100; }"
    WebDriverWait(browser, 60).until(lambda driver: driver.execute_script(painted))
    is_idle = "return Bokeh.documents.length === 3 && Bokeh.documents.every((chart) => chart.is_idle)"
    WebDriverWait(browser, 60).until(lambda driver: driver.execute_script(is_idle))
    WebDriverWait(browser, 60).until(lambda driver: count_pixels(driver, "chart-gantt", PALETTE[0]) > 0)


def count_pixels(browser, element: str, colour: str) -> int:
    """Return how many pixels of an element's picture have about that colour."""
    import numpy as np
    from matplotlib import image

    picture = image.imread(io.BytesIO(browser.find_element("id", element).screenshot_as_png))[:, :, :3]
    wanted = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return int((np.abs(picture - wanted).max(axis=2) < 0.02).sum())


def shown_orders(browser) -> list[str]:
    rows = browser.find_elements("css selector", "#promise-table tbody tr")
    return [row.get_attribute("data-order") for row in rows if row.is_displayed()]


def test_the_page_opens_without_an_error(page):
    severe = [entry["message"] for entry in page.get_log("browser") if entry["level"] == "SEVERE"]

    assert not severe
    assert page.title.startswith("Plan 2026-01-05"), "no name of an item ran as a script"


def test_the_page_asks_the_network_for_nothing(page):
    entries = page.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = {
        message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"
    }

    assert not [name for name in entries if not name.startswith(("data:", "blob:"))]
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]


def test_the_charts_are_painted(page):
    assert count_pixels(page, "chart-gantt", PALETTE[0]) > 500
    assert count_pixels(page, "chart-gantt", LATE_COLOUR) > 200, "late tasks have red outlines"
    assert count_pixels(page, "chart-load", PALETTE[0]) > 500
    assert count_pixels(page, "chart-lateness", LATE_COLOUR) > 50


def test_a_bar_under_the_mouse_tells_its_order(page):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.support.ui import WebDriverWait

    page.execute_script("document.getElementById('schedule').scrollIntoView({behavior: 'instant'})")
    x, y = (int(place) for place in page.execute_script(PLACE, "T3"))
    chain = ActionChains(page)
    chain.w3c_actions.pointer_action.move_to_location(x, y)
    chain.w3c_actions.pointer_action.move_to_location(x + 2, y + 1)
    chain.perform()
    WebDriverWait(page, 20).until(lambda driver: "SO-2/1" in driver.execute_script(TOOLTIP))
    text = page.execute_script(TOOLTIP)

    for expected in ("T3", "J2", "Nordlicht & Töchter", NASTY, "40 pcs", "Mon 2026-01-05 10:00", "18 h"):
        assert expected in text, expected


def test_the_wheel_zooms_in_time_only(page):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
    from selenium.webdriver.support.ui import WebDriverWait

    page.execute_script("document.getElementById('schedule').scrollIntoView({behavior: 'instant'})")
    ranges = TASKS + " return [plot.x_range.end - plot.x_range.start, plot.y_range.end - plot.y_range.start]; }"
    before = page.execute_script(ranges)
    x, y = (int(place) for place in page.execute_script(PLACE, "T3"))
    ActionChains(page).scroll_from_origin(ScrollOrigin.from_viewport(x, y), 0, -400).perform()
    WebDriverWait(page, 20).until(lambda driver: driver.execute_script(ranges)[0] < before[0])

    assert page.execute_script(ranges)[1] == before[1]


def test_picking_an_order_in_the_table_picks_its_bars_and_shows_its_due_date(page):
    page.find_element("css selector", "tr[data-order='SO-2/1'] .pick").click()
    picked = page.execute_script(TASKS + " return tasks.selected.indices.map((i) => tasks.data.task[i]); }")
    due = page.execute_script(
        TASKS + " const due = chart.get_model_by_name('due'); return [due.visible, due.location]; }"
    )

    assert sorted(picked) == ["T3", "T4"]
    assert due == [True, 1767636000000], "2026-01-05 18:00 on the wall clock"


def test_wide_bars_carry_the_name_of_their_order(page):
    from selenium.webdriver.support.ui import WebDriverWait

    names = (
        TASKS + " return plot.renderers.map((each) => each.data_source.data.text).filter(Boolean).map((t) => [...t]); }"
    )
    WebDriverWait(page, 20).until(lambda driver: "SO-2/1" in driver.execute_script(names)[0])


def test_a_heading_sorts_and_sorts_back(page):
    heading = page.find_element("css selector", "#promise-table thead th:nth-child(4) button")
    heading.click()
    rising = shown_orders(page)
    sort = heading.find_element("xpath", "..").get_attribute("aria-sort")
    heading.click()

    assert rising == ["SO-4/1", "SO-5/1", "SO-3/1", "SO-2/1", "SO-1/1"], "5, 10, 20, 40, 100 as numbers"
    assert sort == "ascending"
    assert shown_orders(page) == rising[::-1]


def test_a_sorted_column_keeps_its_empty_cells_last(page):
    heading = page.find_element("css selector", "#promise-table thead th:nth-child(7) button")
    heading.click()
    heading.click()

    assert shown_orders(page)[-1] == "SO-4/1", "nothing arrives for it"


def test_words_and_a_state_filter_the_promises(page):
    from selenium.webdriver.support.ui import Select

    box = page.find_element("id", "find")
    box.send_keys("长城 flange")
    by_words = shown_orders(page)
    Select(page.find_element("id", "state")).select_by_value("partly served")

    assert by_words == ["SO-5/1", "SO-3/1"]
    assert shown_orders(page) == ["SO-5/1"]
    assert page.find_element("id", "found").text == "1 of 5 lines"


def test_late_and_unserved_rows_are_marked_by_colour_and_in_words(page):
    row = page.find_element("css selector", "tr[data-order='SO-2/1']")
    plain = page.find_element("css selector", "tr[data-order='SO-1/1']")

    assert row.find_element("css selector", ".state").text == "late"
    assert row.value_of_css_property("background-color") != plain.value_of_css_property("background-color")


def test_the_page_fits_a_phone(page):
    from selenium.webdriver.support.ui import WebDriverWait

    device = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    try:
        fits = "return document.documentElement.scrollWidth <= 390"
        WebDriverWait(page, 20).until(lambda driver: driver.execute_script(fits))
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_notebook_frame_paints_its_chart_without_a_network(browser, tmp_path: Path):
    from selenium.webdriver.support.ui import WebDriverWait

    from orderopt.views.gantt import draw_gantt

    target = tmp_path / "cell.html"
    chart = draw_gantt(Plan(small_snapshot(), summary(), small_tables()))
    target.write_text(f'<meta charset="utf-8"><div id="cell">{chart._repr_html_()}</div>', encoding="utf-8")
    browser.get_log("browser")
    browser.get(target.as_uri())
    WebDriverWait(browser, 60).until(lambda driver: count_pixels(driver, "cell", PALETTE[0]) > 500)

    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
