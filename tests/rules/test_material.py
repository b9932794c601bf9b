"""Rule *material*."""

from decimal import Decimal

import pytest
from tests.rules.workshop import MONDAY, add, at, build_plan, build_workshop, change, codes, drop, judge

from orderopt.models.item import BomLine
from orderopt.models.network import Receipt, Stock

D = Decimal


def says(tables, code, **given):
    return [
        (finding.subject, finding.says, finding.expected)
        for finding in judge(tables, **given).violations
        if finding.code == code
    ]


def test_a_job_short_of_a_component_is_caught_with_its_figures():
    found = says(change(build_plan(), "pegging", 2, quantity=D("79.5")), "MATERIAL_SHORT")
    assert found == [("job J1", "79.5 of component BOLT is pegged to it", "80")]


@pytest.mark.parametrize("row", [1, 2, 3])
def test_a_component_that_is_not_pegged_at_all_is_caught(row):
    assert "MATERIAL_SHORT" in codes(judge(drop(build_plan(), "pegging", row)))


def test_a_component_pegged_beyond_what_is_drawn_is_caught():
    found = says(change(build_plan(), "pegging", 2, quantity=D(81)), "MATERIAL_TOO_MUCH")
    assert found == [("job J1", "81 of component BOLT is pegged to it", "80")]


def test_scrap_and_fractions_add_to_what_is_drawn():
    bom = list(build_workshop().bom)
    bom[1] = bom[1].model_copy(update={"quantity_per": D("7.5"), "scrap": D("0.06")})  # 10 × 7.95
    assert says(build_plan(), "MATERIAL_TOO_MUCH", bom=bom)
    assert judge(change(build_plan(), "pegging", 2, quantity=D("79.5")), bom=bom).is_correct


def test_a_draw_beyond_six_places_may_be_rounded():
    bom = list(build_workshop().bom)
    bom[1] = bom[1].model_copy(update={"quantity_per": D("7.123456"), "scrap": D("0.0123")})  # 72.110745088
    for quantity, is_right in (("72.110745", True), ("72.110746", True), ("72.110744", False), ("72.110747", False)):
        assert judge(change(build_plan(), "pegging", 2, quantity=D(quantity)), bom=bom).is_correct is is_right


def test_a_task_does_not_start_before_its_material():
    late = [Stock(item_id="BOLT", on_hand=D(100), site="S1", available_at=at(0, "08:01"))]
    tables = change(build_plan(), "pegging", 2, available_at=at(0, "08:01"))
    tables = change(tables, "pegging", 5, available_at=at(0, "08:01"), needed_at=at(0, "08:01"))
    tables = change(tables, "promises", 2, promised_at=at(0, "08:01"))
    found = says(tables, "MATERIAL_LATE", stock=late)
    assert [subject for subject, _, _ in found] == ["job J1"]
    assert "80 of which is not there before 2026-01-05 08:01" in found[0][1]
    on_time = [late[0].model_copy(update={"available_at": at(0, "08:00")})]
    assert "MATERIAL_LATE" not in codes(judge(tables, stock=on_time))


def test_a_component_made_too_late_is_caught():
    tables = change(build_plan(), "schedule", 2, start=at(0, "07:11"), end=at(0, "08:01"))
    tables = change(tables, "jobs", 1, available_at=at(0, "08:01"))
    assert "MATERIAL_LATE" in codes(judge(change(tables, "pegging", 1, available_at=at(0, "08:01"))))
    tables = change(build_plan(), "schedule", 2, start=at(0, "07:10"), end=at(0, "08:00"))
    tables = change(tables, "jobs", 1, available_at=at(0, "08:00"))
    assert judge(change(tables, "pegging", 1, available_at=at(0, "08:00"))).is_correct


def test_material_is_needed_when_the_step_that_draws_it_starts():
    bom = list(build_workshop().bom)
    bom[2] = bom[2].model_copy(update={"op_no": 10})  # the wood comes only after step 10 starts
    assert "MATERIAL_LATE" in codes(judge(build_plan(), bom=bom))
    bom[2] = bom[2].model_copy(update={"op_no": None})
    assert "MATERIAL_LATE" in codes(judge(build_plan(), bom=bom))
    bom[2] = bom[2].model_copy(update={"op_no": 77})  # no such step here: the first one
    assert "MATERIAL_LATE" in codes(judge(build_plan(), bom=bom))


def test_a_component_drawn_by_two_steps_needs_each_share_in_time():
    bom = [
        *build_workshop().bom[:2],
        BomLine(item_id="TABLE", component_id="WOOD", quantity_per=D("0.5"), op_no=10),
        BomLine(item_id="TABLE", component_id="WOOD", quantity_per=D("0.5"), op_no=20),
    ]
    receipts = [
        *build_workshop().receipts,
        Receipt(receipt_id="R2", item_id="WOOD", quantity=D(5), available_at=at(0, "07:00")),
    ]
    early = add(
        change(build_plan(), "pegging", 3, quantity=D(5)),
        "pegging",
        "receipt",
        "R2",
        "WOOD",
        D(5),
        "job",
        "J1",
        at(0, "07:00"),
        at(0, "08:00"),
    )
    assert judge(early, bom=bom, receipts=receipts).is_correct
    late = [receipts[0], receipts[1].model_copy(update={"available_at": at(0, "08:01")})]
    found = says(
        change(early, "pegging", 7, available_at=at(0, "08:01"), needed_at=at(1, "00:00")),
        "MATERIAL_LATE",
        bom=bom,
        receipts=late,
    )
    assert len(found) == 1
    assert "5 of which" in found[0][1]


def test_no_supply_gives_more_than_it_holds():
    stock = [Stock(item_id="BOLT", on_hand=D(100), site="S1", safety_stock=D("17.5"))]
    found = says(build_plan(), "SUPPLY_OVERDRAWN", stock=stock)
    assert found == [("stock BOLT@S1", "83 is pegged to it", "at most 82.5, what it holds")]
    stock = [stock[0].model_copy(update={"safety_stock": D(17)})]
    assert judge(build_plan(), stock=stock).is_correct


def test_a_receipt_gives_at_most_its_quantity():
    receipts = [build_workshop().receipts[0].model_copy(update={"quantity": D("0.9")})]
    assert codes(judge(build_plan(), receipts=receipts)) == {"SUPPLY_OVERDRAWN"}


def test_a_job_gives_at_most_its_good_quantity():
    units = list(build_workshop().production_units)
    units[1] = units[1].model_copy(update={"quality": D("0.79")})
    tables = change(change(build_plan(), "jobs", 1, good_quantity=D("39.5")), "jobs", 2, good_quantity=D("3.95"))
    assert codes(judge(tables, production_units=units)) == {"SUPPLY_OVERDRAWN"}


def test_a_purchase_gives_its_quantity_times_the_suppliers_quality():
    supplier = build_workshop().suppliers[0].model_copy(update={"quality": D("0.99")})
    found = says(build_plan(), "SUPPLY_OVERDRAWN", suppliers=[supplier])
    assert found == [("purchase P1", "15 is pegged to it", "at most 14.85, what it holds")]


def test_a_peg_to_an_unknown_demand_is_caught():
    tables = add(build_plan(), "pegging", "stock", "BOLT@S1", "BOLT", D(1), "job", "J9", MONDAY, MONDAY)
    assert codes(judge(tables)) == {"UNKNOWN_DEMAND"}
    tables = add(build_plan(), "pegging", "stock", "BOLT@S1", "BOLT", D(1), "line", "O9/1", MONDAY, MONDAY)
    assert codes(judge(tables)) == {"UNKNOWN_DEMAND"}


def test_a_peg_of_something_the_job_does_not_draw_is_caught():
    tables = add(build_plan(), "pegging", "stock", "BOLT@S1", "BOLT", D(1), "job", "J2", MONDAY, MONDAY)
    assert codes(judge(tables)) == {"PEG_WITHOUT_NEED"}


def test_the_item_of_a_peg_is_that_of_its_supply():
    assert codes(judge(change(build_plan(), "pegging", 1, item_id="BOLT"))) == {"PEG_ITEM"}


def test_a_job_is_not_made_of_itself():
    bom = [*build_workshop().bom, BomLine(item_id="LEG", component_id="LEG", quantity_per=D("0.1"))]
    tables = add(build_plan(), "pegging", "job", "J2", "LEG", D(5), "job", "J2", at(0, "00:50"), at(0, "00:00"))
    assert {"PEG_TO_ITSELF", "MATERIAL_LATE"} <= codes(judge(tables, bom=bom))


def test_a_part_is_pegged_in_full():
    found = says(change(build_plan(), "pegging", 0, quantity=D(9)), "PART_PEGGED")
    assert found == [("line O1/1", "9 of job J1 is pegged to the line", "10, what its parts take from it")]
    assert "PART_PEGGED" in codes(judge(drop(build_plan(), "pegging", 5)))


def test_a_peg_for_a_line_needs_a_part_of_that_supply():
    tables = add(build_plan(), "pegging", "stock", "BOLT@S1", "BOLT", D(1), "line", "O1/2", MONDAY, MONDAY)
    assert codes(judge(tables)) == {"PART_PEGGED"}


def test_the_times_of_pegs_are_those_of_supply_and_demand():
    assert codes(judge(change(build_plan(), "pegging", 1, available_at=at(0, "00:49")))) == {"PEG_AVAILABLE_AT"}
    assert codes(judge(change(build_plan(), "pegging", 6, available_at=at(0, "09:59")))) == {"PEG_AVAILABLE_AT"}
    assert codes(judge(change(build_plan(), "pegging", 2, available_at=at(0, "08:01")))) == {"PEG_AVAILABLE_AT"}
    assert judge(change(build_plan(), "pegging", 5, available_at=at(0, "06:00"))).is_correct  # at its release
    assert codes(judge(change(build_plan(), "pegging", 1, needed_at=at(0, "08:01")))) == {"PEG_NEEDED_AT"}
    assert codes(judge(change(build_plan(), "pegging", 4, needed_at=at(0, "23:59")))) == {"PEG_NEEDED_AT"}


def test_the_main_demand_of_a_job_is_among_its_pegs():
    tables = change(build_plan(), "jobs", 1, parent_type="line", parent_id="O2/1")
    assert "PARENT_NOT_PEGGED" in codes(judge(tables))
    tables = change(build_plan(), "jobs", 1, parent_type="job", parent_id="WIP")
    assert "PARENT_NOT_PEGGED" not in codes(judge(tables))  # what a started job drew is issued


def test_components_of_a_fixed_step_need_no_peg_and_may_have_one():
    bom = [*build_workshop().bom, BomLine(item_id="LEG", component_id="BOLT", quantity_per=D("0.1"))]
    tables = add(build_plan(), "pegging", "stock", "BOLT@S1", "BOLT", D(5), "job", "J2", MONDAY, MONDAY)
    assert judge(tables, bom=bom).is_correct
    issued = add(tables, "pegging", "stock", "BOLT@S1", "BOLT", D("0.5"), "job", "WIP", MONDAY, MONDAY)
    assert judge(issued, bom=bom).is_correct
    assert "MATERIAL_TOO_MUCH" in codes(judge(change(issued, "pegging", 8, quantity=D(1)), bom=bom))
