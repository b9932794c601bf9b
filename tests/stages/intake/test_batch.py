"""Batches: policies, quarantine, control totals; whatever comes, no row is lost and none counts twice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stages.intake.desks import DUE, REVIEWER, SALES, case_of, count_events, make_desk, receive, row

from orderopt.errors import GuardError, NotFoundError
from orderopt.models.life.batch import RowState
from orderopt.models.life.hold import Blocks
from orderopt.models.life.incoming import IncomingRow, RowFault
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.part import Sensitivity
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import OrderState
from orderopt.stages.intake.release import AcceptDifference, CorrectRow, DiscardRow, ReleaseRows
from orderopt.stages.intake.show import ListBatches, ShowBatch
from orderopt.stages.intake.submit import Submit

TWO_LINES_ONE_BAD = [
    row(2, "A", item_id="P"),
    row(3, "A", item_id="X"),
    row(4, "B", item_id="P", quantity="2"),
]


def show(desk, report, by=SALES):
    return desk.do(ShowBatch(batch_id=report.batch_id), by=by)


def test_all_or_nothing_lets_nothing_in_where_a_row_fails():
    desk = make_desk()
    report = receive(desk, *TWO_LINES_ONE_BAD, accept="all_or_nothing")
    assert (report.num_accepted, report.num_quarantined, report.new_orders) == (0, 3, ())
    assert [one.faults[0].code for one in show(desk, report).rows] == ["WITHHELD", "UNKNOWN_ITEM", "WITHHELD"]


def test_all_or_nothing_lets_everything_in_where_no_row_fails():
    report = receive(make_desk(), row(2), row(3), accept="all_or_nothing")
    assert (report.num_accepted, report.num_quarantined) == (2, 0)


def test_reject_failed_rows_keeps_the_rows_of_an_order_together():
    desk = make_desk()
    report = receive(desk, *TWO_LINES_ONE_BAD)
    assert report.new_orders == ("B@marketplace",)
    assert [(one.row, one.faults[0].code) for one in show(desk, report).rows] == [(2, "WITHHELD"), (3, "UNKNOWN_ITEM")]


def test_ignore_failed_takes_the_lines_that_are_good():
    desk = make_desk()
    report = receive(desk, *TWO_LINES_ONE_BAD, accept="ignore_failed")
    assert report.new_orders == ("A@marketplace", "B@marketplace")
    assert (report.num_accepted, report.num_quarantined) == (2, 1)
    assert [line.line_no for line in case_of(desk, "A@marketplace").lines] == ["1"]


def test_rows_of_an_order_need_not_stand_together_and_must_agree():
    desk = make_desk()
    report = receive(
        desk, row(2, "A"), row(3, "B"), row(4, "A", item_id="R"), row(5, "C"), row(6, "C", customer_id="C-2")
    )
    assert [line.ask.item_id for line in case_of(desk, "A@marketplace").lines] == ["P", "R"]
    faults = [(finding.row, finding.column, finding.code) for finding in report.findings]
    assert faults == [(5, None, "WITHHELD"), (6, "customer_id", "INCONSISTENT_ORDER")]


def test_two_rows_cannot_be_the_same_line():
    report = receive(make_desk(), row(2, "A", line_no="10"), row(3, "A", line_no="10", item_id="R"))
    assert [(one.row, one.code) for one in report.findings] == [(2, "WITHHELD"), (3, "DUPLICATE_LINE")]


def test_a_row_without_order_name_or_that_could_not_be_read_waits():
    broken = IncomingRow(row=3, raw='"x', fields={}, faults=(RowFault(code="BAD_ROW", reason="no cells"),))
    report = receive(make_desk(), row(2, ""), broken, row(4))
    assert [(one.row, one.column, one.code) for one in report.findings] == [
        (2, "external_ref", "MISSING_VALUE"),
        (3, None, "BAD_ROW"),
    ]
    assert report.num_accepted == 1


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("quantity", "0", "BAD_QUANTITY"),
        ("quantity", "1e3", "BAD_VALUE"),
        ("quantity", "1,000", "BAD_VALUE"),
        ("quantity", "NaN", "BAD_VALUE"),
        ("quantity", "１２", "BAD_VALUE"),
        ("quantity", "0.0000001", "NOT_EXACT"),
        ("quantity", "1000000000000", "BAD_QUANTITY"),
        ("quantity", "", "MISSING_VALUE"),
        ("unit", "KGM", "UNKNOWN_UNIT"),
        ("requested_at", "", "MISSING_VALUE"),
        ("requested_at", "tomorrow", "BAD_VALUE"),
        ("requested_at", "1767225600", "BAD_VALUE"),
        ("requested_at", "2026-02-30", "BAD_VALUE"),
        ("customer_id", "", "MISSING_VALUE"),
        ("customer_id", "C-9", "UNKNOWN_CUSTOMER"),
        ("item_id", "p", "UNKNOWN_ITEM"),
        ("item_id", "", "MISSING_VALUE"),
        ("unit_price", "-1", "BAD_PRICE"),
        ("unit_price", "0.0000001", "NOT_EXACT"),
        ("line_amount", "7", "AMOUNT_MISMATCH"),
        ("discount", "1", "BAD_VALUE"),
        ("under", "1.5", "BAD_VALUE"),
        ("currency", "Euro", "BAD_VALUE"),
        ("kind", "dream", "BAD_VALUE"),
        ("priority", "0", "BAD_VALUE"),
        ("ship_policy", "soon", "BAD_VALUE"),
        ("may_split", "perhaps", "BAD_VALUE"),
        ("spec", "red", "BAD_VALUE"),
        ("valid_until", "2026-01-01", "BAD_DATE"),
        ("colour", "red", "UNKNOWN_FIELD"),
    ],
)
def test_a_faulty_field_is_named_with_a_code(field, text, code):
    price = {"unit_price": "3"} if field == "line_amount" else {}
    report = receive(make_desk(), row(2, **{"quantity": "2", **price, field: text}))
    assert [(one.row, one.column, one.code) for one in report.findings] == [(2, field, code)]


def test_what_was_written_is_repeated_only_to_who_may_see_it():
    """Where a cell too many shifts the columns, a name may stand in any of them."""
    name = "Ada Lovelace"
    shifted = row(2, quantity=name, item_id=name, unit=name, customer_id=name, currency=name, kind=name, line_no=name)
    twin = row(3, "T-2", customer_id=name, line_no=name, party_name="Ada " + "x" * 3000)
    for role, is_shown in ((Role.SALES, True), (Role.ADMINISTRATOR, False)):
        desk = make_desk()
        report = receive(desk, shifted, twin, by=Actor.of("root", role))
        assert (name in str(report)) is is_shown
        fields = ("currency", "customer_id", "item_id", "kind", "quantity")
        told = {(one.column, one.value) for one in report.findings if one.column in fields}
        assert told == {(field, name if is_shown else None) for field in fields}
        with pytest.raises(GuardError) as caught:
            desk.do(ReleaseRows(batch_id=report.batch_id, rows=(2,)), by=SALES)
        assert "Ada" not in f"{caught.value} {caught.value.findings}"
        desk.store.erase([f"batch/{report.batch_id}"], Sensitivity.PERSONAL)
        assert "Ada" not in str([desk.store.load(f"batch/{report.batch_id}"), *desk.store.events()])


def test_who_may_not_see_personal_data_sees_faults_but_no_raw_text():
    desk = make_desk()
    report = receive(desk, row(2, quantity="-3"))
    masked = show(desk, report, by=Actor.of("root", Role.ADMINISTRATOR)).rows[0]
    assert (masked.raw, masked.fields) == (None, None)
    assert masked.faults[0].code == "BAD_QUANTITY"


def test_a_corrected_row_is_released_into_an_order():
    desk = make_desk()
    report = receive(desk, row(2, quantity="-3"), row(3))
    fix = CorrectRow(batch_id=report.batch_id, row=2, fields={"quantity": "3"}, why="customer said so")
    assert desk.do(fix, by=SALES) == ()
    after = desk.do(ReleaseRows(batch_id=report.batch_id, rows=(2,)), by=SALES)
    assert after.new_orders == ("T-2@marketplace",)
    assert (after.num_accepted, after.num_quarantined) == (2, 0)
    assert case_of(desk, "T-2@marketplace").lines[0].counts.ordered == 3
    kept = show(desk, report).row(2)
    assert (kept.state, kept.order_id, kept.raw.split(",")[2]) == (RowState.RELEASED, "T-2@marketplace", "-3")
    with pytest.raises(GuardError, match="released into T-2@marketplace"):
        desk.do(ReleaseRows(batch_id=report.batch_id, rows=(2,)), by=SALES)


def test_the_faulty_file_again_brings_nothing_after_its_row_was_corrected():
    desk = make_desk()
    bad = row(2, quantity="-3")
    report = receive(desk, bad)
    desk.do(CorrectRow(batch_id=report.batch_id, row=2, fields={"quantity": "3"}), by=SALES)
    desk.do(ReleaseRows(batch_id=report.batch_id), by=SALES)
    longer = receive(desk, bad, row(3), source="longer.csv")
    assert longer.new_orders == ("T-3@marketplace",)
    assert (longer.num_accepted, longer.num_quarantined) == (1, 1)
    assert not show(desk, longer).rows
    assert "earlier batch" in longer.findings[0].mend
    sent_right = receive(desk, row(2, quantity="3"), source="right.csv")
    assert sent_right.unchanged_orders == ("T-2@marketplace",)


def test_a_row_with_a_fault_left_cannot_be_released_and_nothing_changes():
    desk = make_desk()
    report = receive(desk, row(2, quantity="-3", item_id="X"), row(3, "", quantity="1"))
    left = desk.do(CorrectRow(batch_id=report.batch_id, row=2, fields={"quantity": "3"}), by=SALES)
    assert [fault.code for fault in left] == ["UNKNOWN_ITEM"]
    events = count_events(desk)
    with pytest.raises(GuardError, match="UNKNOWN_ITEM"):
        desk.do(ReleaseRows(batch_id=report.batch_id, rows=(2,)), by=SALES)
    with pytest.raises(GuardError, match="UNKNOWN_FIELD"):
        desk.do(CorrectRow(batch_id=report.batch_id, row=2, fields={"qty": "3"}), by=SALES)
    with pytest.raises(NotFoundError):
        desk.do(ReleaseRows(batch_id=report.batch_id, rows=(9,)), by=SALES)
    assert count_events(desk) == events


def test_what_could_not_be_read_is_not_forgotten_by_correcting_something_else():
    desk = make_desk()
    bad = row(2, quantity="-3").model_copy(
        update={"faults": (RowFault(field="valid_until", code="BAD_VALUE", reason="is no date of the channel"),)}
    )
    report = receive(desk, bad)
    left = desk.do(CorrectRow(batch_id=report.batch_id, row=2, fields={"quantity": "3"}), by=SALES)
    assert [fault.field for fault in left] == ["valid_until"]
    assert not desk.do(CorrectRow(batch_id=report.batch_id, row=2, fields={"valid_until": None}), by=SALES)


def test_rows_of_one_order_are_released_together():
    desk = make_desk()
    report = receive(desk, *TWO_LINES_ONE_BAD)
    desk.do(CorrectRow(batch_id=report.batch_id, row=3, fields={"item_id": "R"}), by=SALES)
    after = desk.do(ReleaseRows(batch_id=report.batch_id, rows=(3,)), by=SALES)
    assert after.new_orders == ("A@marketplace",)
    assert [line.ask.item_id for line in case_of(desk, "A@marketplace").lines] == ["P", "R"]
    assert after.num_quarantined == 0


def test_a_batch_of_all_or_nothing_is_released_as_a_whole():
    desk = make_desk()
    report = receive(desk, *TWO_LINES_ONE_BAD, accept="all_or_nothing")
    with pytest.raises(GuardError, match="UNKNOWN_ITEM"):
        desk.do(ReleaseRows(batch_id=report.batch_id, rows=(4,)), by=SALES)
    desk.do(CorrectRow(batch_id=report.batch_id, row=3, fields={"item_id": "R"}), by=SALES)
    after = desk.do(ReleaseRows(batch_id=report.batch_id, rows=(3,)), by=SALES)
    assert after.new_orders == ("A@marketplace", "B@marketplace")
    assert (after.num_accepted, after.num_quarantined) == (3, 0)


def test_a_late_line_joins_its_draft_and_of_a_submitted_order_it_is_a_change_request():
    for is_submitted in (False, True):
        desk = make_desk()
        report = receive(desk, *TWO_LINES_ONE_BAD, accept="ignore_failed")
        if is_submitted:
            desk.do(Submit(order_id="A@marketplace"), by=SALES)
        desk.do(CorrectRow(batch_id=report.batch_id, row=3, fields={"item_id": "R"}), by=SALES)
        after = desk.do(ReleaseRows(batch_id=report.batch_id), by=SALES)
        case = case_of(desk, "A@marketplace")
        assert after.num_quarantined == 0
        assert [line.line_no for line in case.lines] == (["1"] if is_submitted else ["1", "2"])
        assert [change.amendments[0].kind for change in case.changes] == (["add_line"] if is_submitted else [])
        again = receive(desk, *TWO_LINES_ONE_BAD, accept="ignore_failed", source="again.csv")
        assert not again.new_orders
        assert case_of(desk, "A@marketplace").version == case.version


def test_a_row_can_be_given_up_with_a_reason_and_still_counts():
    desk = make_desk()
    report = receive(desk, row(2, item_id="X"), row(3))
    desk.do(DiscardRow(batch_id=report.batch_id, row=2, why="a test order of the shop"), by=SALES)
    batch = show(desk, report)
    assert (batch.accepted, batch.quarantined, len(batch.waiting)) == (1, 1, 0)
    assert desk.do(ListBatches(is_waiting=True), by=SALES) == []
    assert [one.key for one in desk.do(ListBatches(channel="marketplace"), by=SALES)] == [batch.key]


def test_a_line_that_is_no_longer_sent_is_asked_to_be_cancelled():
    desk = make_desk()
    receive(desk, row(2, "A"), row(3, "A", item_id="R"))
    receive(desk, row(2, "A"), source="shorter.csv")
    (change,) = case_of(desk, "A@marketplace").changes
    assert [(one.kind, one.line_no) for one in change.amendments] == [("cancel_line", "2")]


def test_lines_without_numbers_are_known_by_their_items_in_whatever_order_they_stand():
    desk = make_desk()
    receive(desk, row(2, "A"), row(3, "A", item_id="R", quantity="5"))
    turned = receive(desk, row(2, "A", item_id="R", quantity="5"), row(3, "A"), source="turned.csv")
    assert turned.unchanged_orders == ("A@marketplace",)
    receive(desk, row(2, "A", item_id="R", quantity="6"), row(3, "A"), source="more.csv")
    (change,) = case_of(desk, "A@marketplace").changes
    assert [(one.kind, one.line_no, one.after) for one in change.amendments] == [("quantity", "2", 6)]


def test_likely_duplicates_within_one_batch_are_held_too():
    desk = make_desk()
    report = receive(desk, row(2, "A", customer_po="PO-1"), row(3, "B", customer_po="PO-1"))
    assert report.held_orders == ("B@marketplace",)
    assert case_of(desk, "B@marketplace").holds_on(Blocks.CONFIRM)


def test_control_totals_that_agree_let_orders_be_submitted():
    desk = make_desk()
    rows = [
        row(2, "A", quantity="2", unit_price="3"),
        row(3, "A", item_id="R", unit_price="4"),
        row(4, "B", unit_price="1"),
    ]
    report = receive(desk, *rows, orders=2, lines=3, quantity="4", amount="11")
    assert report.differences == ()
    desk.do(Submit(order_id="A@marketplace"), by=SALES)
    assert case_of(desk, "A@marketplace").state is OrderState.SUBMITTED


def test_an_omission_shows_in_the_control_totals_and_stops_submission_until_someone_answers_for_it():
    desk = make_desk()
    report = receive(desk, row(2, "A", unit_price="3"), orders=2, lines=2, quantity="3", amount="9.00")
    assert [(one.name, one.declared, one.counted) for one in report.differences] == [
        ("orders", "2", "1"),
        ("lines", "2", "1"),
        ("quantity", "3", "1"),
        ("amount", "9.00", "3"),
    ]
    with pytest.raises(GuardError, match="CONTROL_TOTAL"):
        desk.do(Submit(order_id="A@marketplace"), by=SALES)
    desk.do(AcceptDifference(batch_id=report.batch_id, why="order B comes by mail"), by=REVIEWER)
    desk.do(Submit(order_id="A@marketplace"), by=SALES)
    batch = show(desk, report)
    assert (batch.difference_accepted_by, batch.difference_why) == ("rita", "order B comes by mail")
    with pytest.raises(GuardError, match="no open difference"):
        desk.do(AcceptDifference(batch_id=report.batch_id, why="again"), by=REVIEWER)


def test_rows_in_quarantine_count_for_the_totals_as_they_are_corrected():
    desk = make_desk()
    report = receive(desk, row(2, quantity="many"), row(3, quantity="2"), orders=2, lines=2, quantity="5")
    assert [(one.name, one.counted) for one in report.differences] == [("quantity", None)]
    desk.do(CorrectRow(batch_id=report.batch_id, row=2, fields={"quantity": "3"}), by=SALES)
    assert desk.do(ReleaseRows(batch_id=report.batch_id), by=SALES).differences == ()


def test_units_are_converted_exactly_and_what_is_not_exact_is_refused():
    desk = make_desk()
    report = receive(
        desk,
        row(2, quantity="2", unit="CT", unit_price="24"),
        row(3, quantity="3", unit="carton"),
        row(4, quantity="2", unit="DZN"),
        row(5, item_id="Q", quantity="500", unit="g"),
        row(6, item_id="Q", quantity="3", unit="pcs"),
        row(7, item_id="Q", quantity="1", unit="pcs"),
        row(8, quantity="1", unit="CT", unit_price="10"),
        row(9, quantity="4", line_amount="10", discount="0.5"),
    )
    lines = {number: case_of(desk, f"T-{number}@marketplace").lines[0] for number in (2, 3, 4, 5, 6, 9)}
    assert {number: str(line.counts.ordered) for number, line in lines.items()} == {
        2: "24",
        3: "36",
        4: "24",
        5: "0.5",
        6: "1",
        9: "4",
    }
    assert (lines[2].ask.unit_price, lines[2].ask.as_written) == (2, "2 CT")
    assert lines[9].ask.unit_price == 5
    assert [(one.row, one.column, one.code) for one in report.findings] == [
        (7, "quantity", "NOT_EXACT"),
        (8, "unit_price", "NOT_EXACT"),
    ]


GOOD = st.fixed_dictionaries({"item_id": st.sampled_from("PQR"), "quantity": st.sampled_from(["1", "2.5", "10"])})
BAD = st.sampled_from(
    [{"quantity": "-3"}, {"item_id": "X"}, {"quantity": "many"}, {"customer_id": "C-9"}, {"requested_at": ""}]
)
ROWS = st.lists(st.tuples(st.integers(1, 6), st.one_of(GOOD, GOOD, BAD)), min_size=1, max_size=8)


def _build(drawn):
    return [
        row(number, f"T-{ref}", f"{number} {ref} {said}", **said) for number, (ref, said) in enumerate(drawn, start=2)
    ]


@settings(max_examples=60, deadline=None)
@given(ROWS, st.sampled_from(["all_or_nothing", "reject_failed_rows", "ignore_failed"]))
def test_accepted_and_quarantined_are_all_rows_and_the_same_again_adds_nothing(drawn, accept):
    desk = make_desk()
    rows = _build(drawn)
    report = receive(desk, *rows, accept=accept)
    assert report.num_accepted + report.num_quarantined == report.num_rows == len(rows)
    lines = [line for order_id in report.new_orders for line in case_of(desk, order_id).lines]
    assert len(lines) == report.num_accepted
    if accept == "all_or_nothing":
        assert report.num_accepted in (0, len(rows))
    events = count_events(desk)
    again = receive(desk, *rows, accept=accept)
    assert (again.num_accepted, again.num_quarantined) == (report.num_accepted, report.num_quarantined)
    assert count_events(desk) == events
    other = receive(desk, *rows, accept=accept, source="copy.csv", lines=len(rows))
    assert other.num_accepted + other.num_quarantined == len(rows)
    assert (other.new_orders, other.changes) == ((), ())


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms(use_true_random=False), st.sampled_from(["reject_failed_rows", "ignore_failed"]))
def test_it_does_not_matter_in_which_order_files_come(drawn, random, accept):
    files = {}
    for one in _build(drawn):
        files.setdefault(one.fields["external_ref"], []).append(one)
    results = []
    for is_shuffled in (False, True):
        desk = make_desk()
        names = list(files)
        if is_shuffled:
            random.shuffle(names)
        reports = [receive(desk, *files[name], accept=accept, source=name) for name in names]
        rows = sorted((one.raw, one.state) for report in reports for one in show(desk, report).rows)
        asked = [
            [(line.ask, line.counts) for line in case_of(desk, order_id).lines]
            for order_id in sorted(order_id for report in reports for order_id in report.new_orders)
        ]
        results.append((rows, asked))
    assert results[0] == results[1]


def test_orders_and_batches_come_back_from_their_events_as_they_are():
    from orderopt.models.life.batch import Batch
    from orderopt.models.life.document import fold, unpack

    desk = make_desk()
    report = receive(desk, *TWO_LINES_ONE_BAD, accept="ignore_failed", quantity="9")
    desk.do(CorrectRow(batch_id=report.batch_id, row=3, fields={"item_id": "R"}), by=SALES)
    desk.do(ReleaseRows(batch_id=report.batch_id), by=SALES)
    desk.do(AcceptDifference(batch_id=report.batch_id, why="known"), by=SALES)
    for kind in (OrderCase, Batch):
        for stored in desk.store.find(kind.KIND):
            document = None
            for event in desk.store.history(stored.stream):
                document = fold(document, event)
            assert document == unpack(kind, stored.text, stored.apart)
    assert DUE.startswith("2026-01-20")
