import re
from html import unescape
from pathlib import Path

import pytest

from orderopt.models.plan import Plan
from orderopt.models.summary import Status
from orderopt.views import page as page_room
from orderopt.views.kpis import STATUS_MEANING
from orderopt.views.page import build_page, write_page

from .plans import many_tasks, small_snapshot, small_tables, summary


def own_part(text: str) -> str:
    """Return the page without BokehJS and the charts' data."""
    return re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


def test_the_page_shows_figures_promises_purchases_and_reasons(plan: Plan):
    text = own_part(build_page(plan))

    for expected in ("1,234.50", "10.0%", "FEASIBLE", "seed 7", "长城机械", "Stahl &amp; Söhne", "12.5 m", "52.50",
                     "steel is short by 4 m", "Waits for MILL-1", "18 h"):  # fmt: skip
        assert expected in text, expected


def test_names_are_escaped_wherever_they_stand(plan: Plan):
    text = build_page(plan)

    assert "<script>document.title" not in text
    assert "<script>alert" not in text
    assert "<b>STEEL</b>" not in text
    assert "<i>steel</i>" not in text
    assert "&lt;script&gt;document.title" in text


def test_the_same_plan_gives_the_same_bytes(plan: Plan, tmp_path: Path):
    write_page(plan, tmp_path / "one.html")
    again = Plan(small_snapshot(), summary(seconds={"plan": 99.0}, peak_memory_mb=5.0), small_tables())
    write_page(again, tmp_path / "two.html")

    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_the_page_names_no_address_to_load_from(plan: Plan):
    text = own_part(build_page(plan))

    assert not re.findall(r"""(?:src|href)=["'](?!#|data:,)""", text)
    assert "url(" not in text
    assert "default-src 'none'" in unescape(text)


def test_writing_replaces_the_file_whole_and_leaves_no_draft(plan: Plan, tmp_path: Path):
    target = tmp_path / "deep" / "plan.html"
    write_page(plan, target)
    write_page(plan, str(target))

    assert [path.name for path in target.parent.iterdir()] == ["plan.html"]


def test_a_failed_write_leaves_the_old_page_and_no_draft(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    target = tmp_path / "plan.html"
    target.write_text("old", encoding="utf-8")

    def fail(self: Path, target: Path) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space left"):
        write_page(plan, target)

    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.html"]


def test_long_tables_are_cut_and_say_where_the_rest_is():
    text = own_part(build_page(many_tasks(120), max_rows=50, max_bars=100))

    assert text.count('class="pick"') == 50
    assert "The first 50 of 120 rows are shown. All of them are in <code>promises.csv</code>" in text
    assert "The chart shows the first 100 of 120 tasks. All of them are in <code>schedule.csv</code>" in text


def test_cut_tables_keep_the_late_lines():
    plan = many_tasks(120)
    late = int((plan.promises["tardiness_minutes"] > 0).sum())

    assert 0 < late < 50
    assert own_part(build_page(plan, max_rows=50)).count('<tr class="late"') == late


def test_every_heading_of_a_table_names_its_scope(plan: Plan):
    headings = re.findall(r"<th\b[^>]*>", own_part(build_page(plan)))

    assert headings
    assert all('scope="col"' in heading or 'scope="row"' in heading for heading in headings)


def test_every_chart_has_a_text_in_its_place(plan: Plan):
    charts = re.findall(r'<div id="chart-[^>]*>', build_page(plan))

    assert len(charts) == 3
    assert all('role="img" aria-label="' in chart for chart in charts)


def test_every_status_is_explained():
    assert set(STATUS_MEANING) == set(Status)


def test_an_empty_plan_has_a_page(empty_plan: Plan):
    text = own_part(build_page(empty_plan))

    assert "Nothing is scheduled." in text
    assert "Nothing is bought." in text


def test_a_value_that_a_template_lacks_is_an_error_and_no_blank():
    with pytest.raises(Exception, match="is undefined"):
        page_room.html_environment().from_string("{{ nowhere }}").render()
