"""Rule *served*."""

from decimal import Decimal

from tests.rules.workshop import add, build_plan, build_workshop, change, codes, drop, judge

D = Decimal


def test_parts_that_are_less_than_the_line_are_caught():
    found = judge(change(build_plan(), "allocation", 0, quantity=D(9))).violations
    says = [finding for finding in found if finding.code == "LINE_QUANTITY"]
    assert [(finding.subject, finding.says, finding.expected[:2]) for finding in says] == [
        ("line O1/1", "its parts add up to 9", "10")
    ]


def test_parts_that_are_more_than_the_line_are_caught():
    assert "LINE_QUANTITY" in codes(judge(change(build_plan(), "allocation", 4, quantity=D("3.000001"))))


def test_a_line_without_parts_is_caught():
    assert "LINE_QUANTITY" in codes(judge(drop(build_plan(), "allocation", 2)))


def test_a_part_of_a_line_of_an_ended_order_is_caught():
    tables = add(build_plan(), "allocation", "O9", "1", 1, "unserved", None, None, D(4), D(0), "")
    assert codes(judge(tables)) == {"LINE_NOT_PLANNED"}


def test_a_part_of_an_unknown_line_is_caught():
    tables = add(build_plan(), "allocation", "O1", "77", 1, "unserved", None, None, D(4), D(0), "")
    assert codes(judge(tables)) == {"LINE_NOT_PLANNED"}


def test_a_line_that_may_not_split_has_one_part():
    tables = change(build_plan(), "allocation", 2, quantity=D(2))
    tables = add(tables, "allocation", "O2", "1", 2, "unserved", None, None, D(1), D(0), "")
    assert "LINE_SPLIT" in codes(judge(tables))
    assert "LINE_SPLIT" not in codes(judge(build_plan()))


def test_a_served_part_below_min_split_is_caught_and_an_unserved_one_is_not():
    lines = list(build_workshop().order_lines)
    lines[3] = lines[3].model_copy(update={"min_split": D(2)})
    found = judge(build_plan(), order_lines=lines).violations
    assert [(finding.code, finding.row) for finding in found] == [("PART_TOO_SMALL", 5)]
    lines[3] = lines[3].model_copy(update={"min_split": D("0.5")})
    assert judge(build_plan(), order_lines=lines).is_correct


def test_parts_count_from_one_without_gaps():
    assert codes(judge(change(build_plan(), "allocation", 4, part_no=3))) == {"PART_NUMBER"}
    assert codes(judge(change(build_plan(), "allocation", 4, part_no=0))) == {"PART_NUMBER"}


def test_parts_may_stand_in_any_order():
    tables = build_plan()
    tables["allocation"] = tables["allocation"].iloc[::-1].reset_index(drop=True)
    assert judge(tables).is_correct


def test_ids_with_slashes_are_not_mixed_up():
    lines = [
        line.model_copy(update={"order_id": line.order_id.replace("O", "A/")}) for line in build_workshop().order_lines
    ]
    orders = [
        order.model_copy(update={"order_id": order.order_id.replace("O", "A/")}) for order in build_workshop().orders
    ]
    tables = {name: frame.replace("O1", "A/1").replace("O2", "A/2") for name, frame in build_plan().items()}
    for name, column in (("pegging", "demand_id"), ("jobs", "parent_id"), ("shipments", "lines")):
        tables[name][column] = [cell and cell.replace("O", "A/") for cell in tables[name][column]]
    assert judge(tables, order_lines=lines, orders=orders).violations == ()


def test_the_parts_of_every_line_are_counted():
    for row in range(4):
        assert codes(judge(change(build_plan(), "allocation", row, part_no=7))) >= {"PART_NUMBER"}
