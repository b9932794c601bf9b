"""Mappings: those that come with orderopt, those of a host, and what is wrong in one."""

from __future__ import annotations

import pytest

from orderopt.errors import InputError
from orderopt.tables.channels.mapping import ChannelMapping, list_mappings, read_mapping

VITAL = {"external_ref": "no", "item_id": "sku", "quantity": "qty"}


@pytest.mark.parametrize("name", list_mappings())
def test_a_mapping_that_comes_with_orderopt_can_be_read(name):
    assert read_mapping(name).channel == name


def test_there_is_a_mapping_for_every_usual_channel():
    assert list_mappings() == ("csv", "direct", "edi", "excel", "marketplace", "order_x", "sales_rep")


def test_a_host_hands_in_a_file_a_dict_or_an_object(tmp_path):
    path = tmp_path / "shop.toml"
    path.write_text('channel = "shop"\n[columns]\nexternal_ref = "no"\nitem_id = "sku"\nquantity = "qty"\n', "utf-8")
    made = ChannelMapping(channel="shop", columns=VITAL)
    assert read_mapping(path) == read_mapping({"channel": "shop", "columns": VITAL}) == read_mapping(made) == made


def test_a_mapping_may_begin_from_one_that_comes_with_orderopt():
    own = read_mapping({"extends": "marketplace", "channel": "bazaar", "constants": {"customer_id": "C-1"}})
    usual = read_mapping("marketplace")
    assert own.channel == "bazaar"
    assert own.columns == usual.columns
    assert own.constants == {**usual.constants, "customer_id": "C-1"}


@pytest.mark.parametrize(
    ("content", "column", "says"),
    [
        ({"columns": VITAL}, "channel", "Field required"),
        ({"channel": "a/b", "columns": VITAL}, "channel", "match pattern"),
        ({"channel": "a", "columns": {"external_ref": "no", "quantity": "qty"}}, None, "which column is item_id"),
        ({"channel": "a", "columns": {**VITAL, "amount": "x"}}, None, "'amount' is no field"),
        ({"channel": "a", "columns": VITAL, "constants": {"colour": "x"}}, None, "constants: 'colour' is no field"),
        ({"channel": "a", "columns": VITAL, "kolumns": {}}, "kolumns", "Extra inputs"),
        ({"channel": "a", "columns": VITAL, "format": "pdf"}, "format", "'csv', 'excel', 'json' or 'order-x'"),
        ({"channel": "a", "columns": VITAL, "dates": {"zone": "Asia/Atlantis"}}, "dates.zone", "no time zone"),
        ({"channel": "a", "columns": VITAL, "dates": {"formats": ["%d.%m."]}}, "dates.formats", "day, month and year"),
        ({"channel": "a", "columns": VITAL, "dates": {"formats": ["%Q"]}}, "dates.formats", "no date format"),
        ({"channel": "a", "columns": VITAL, "dates": {"time": "25:00"}}, "dates.time", "match pattern"),
        ({"channel": "a", "columns": VITAL, "numbers": {"decimal": ",", "thousands": ","}}, "numbers", "thousands"),
        ({"channel": "a", "columns": VITAL, "file": {"encodings": ["utf-9"]}}, "file.encodings", "no encoding"),
        ({"channel": "a", "columns": VITAL, "file": {"encodings": []}}, "file.encodings", "at least 1"),
        ({"channel": "a", "format": "json", "columns": VITAL}, None, "must begin with order. or line."),
        ({"channel": "a", "columns": VITAL, "totals": {"orders": "n"}}, None, "paths are for messages"),
    ],
)
def test_a_fault_in_a_mapping_is_named_with_its_place(content, column, says):
    with pytest.raises(InputError) as caught:
        read_mapping(content)
    assert any(one.column == column and says in one.says for one in caught.value.findings), caught.value


def test_all_faults_of_a_mapping_are_told_at_once():
    with pytest.raises(InputError) as caught:
        read_mapping({"channel": "a", "columns": {"sku": "x"}, "words": {"colour": {}}})
    assert len(caught.value.findings) == 5


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("shopp", "give a TOML file or one of csv, direct"),
        ({"extends": "shop"}, "extends 'shop', which is none of"),
    ],
)
def test_a_mapping_that_is_not_there_is_answered_with_those_that_are(source, says):
    with pytest.raises(InputError, match=says):
        read_mapping(source)


def test_a_file_that_is_no_toml_is_named(tmp_path):
    path = tmp_path / "shop.toml"
    path.write_text("channel = ", "utf-8")
    with pytest.raises(InputError, match=r"shop\.toml cannot be read"):
        read_mapping(path)
