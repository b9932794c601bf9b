"""What a frePPLe model may hold that our tables cannot say; each limit has its sentence."""

from __future__ import annotations

from benchmarks.converters.frepple.source import Row, Source

_TABLES = {
    "dependency": "operations depend on other operations than by material",
    "itemdistribution": "items are moved between locations before they are used",
    "flowplan": "an order under way says itself what it draws and makes",
    "loadplan": "an order under way says itself which resources it holds",
}
_COLUMNS = {
    ("buffer", "batch"): "stock belongs to a batch or an attribute (make to order)",
    ("buffer", "maximum"): "a buffer has a maximum",
    ("buffer", "minimum"): "a buffer's minimum is a wish there (safety stock that is filled up and may be used)",
    ("buffer", "minimumcalendar"): "a buffer's minimum changes over time",
    ("demand", "batch"): "a demand asks for a batch or an attribute (make to order)",
    ("demand", "maxlateness"): "a demand is void when late (maximum lateness)",
    ("demand", "policy"): "demands are delivered together or in ratio",
    ("flow", "effectiveend"): "a material holds until a date",
    ("flow", "effectivestart"): "a material holds from a date on",
    ("flow", "name"): "one of several materials may be used",
    ("flow", "offset"): "a material moves some time after the start or before the end of an operation",
    ("flow", "quantityfixed"): "an operation draws or makes a fixed quantity whatever its size",
    ("itemsupplier", "extrasafetyleadtime"): "a lead time has a safety part that may be cut",
    ("itemsupplier", "fence"): "nothing may be ordered within a fence",
    ("itemsupplier", "resource"): "a supplier's capacity is shared between items",
    ("itemsupplier", "sizemaximum"): "a purchase has a maximum",
    ("operation", "effectiveend"): "an operation holds until a date",
    ("operation", "effectivestart"): "an operation holds from a date on",
    ("operation", "fence"): "nothing may start within a fence",
    ("operation", "posttime"): "an operation has a time after it that may be cut",
    ("operation", "sizemaximum"): "an operation has a largest size, and larger needs are split",
    ("operation", "sizeminimumcalendar"): "an operation's smallest size changes over time",
    ("operationplan", "quantitycompleted"): "an order under way is done in part",
    ("resource", "constrained"): "a resource may be overloaded",
    ("resource", "tool"): "a tool stays with an order over several operations",
    ("resource", "toolperpiece"): "a tool is needed for each piece",
    ("suboperation", "effectiveend"): "an alternate holds until a date",
    ("suboperation", "effectivestart"): "an alternate holds from a date on",
}
_NOTHING = {"", "0", "0.0", "P0D", "PT0S", "false"}


def judge_source(source: Source) -> list[str]:
    """Return every reason, each once, that can be read off the rows."""
    reasons = [sentence for table, sentence in _TABLES.items() if source.tables.get(table)]
    for (table, column), sentence in _COLUMNS.items():
        values = {row[column] for row in source.tables.get(table, ()) if column in row}
        if (column == "maxlateness" and values) or values - _NOTHING - {"independent"}:
            reasons.append(sentence)
    for table, judge in (
        ("operation", _judge_operation),
        ("resource", _judge_resource),
        ("demand", _judge_demand),
    ):
        reasons += [sentence for row in source.tables.get(table, ()) for sentence in judge(row)]
    reasons += [sentence for row in source.tables.get("operationplan", ()) for sentence in _judge_plan(source, row)]
    return list(dict.fromkeys(reasons))


def _judge_operation(row: Row) -> list[str]:
    reasons = []
    if row.get("type", "").endswith("split"):
        reasons.append("a quantity is split over operations in fixed shares")
    if float(row.get("sizeminimum", 1)) > 1 and row.get("sizeminimum") != row.get("sizemultiple"):
        reasons.append("an operation has a smallest size")
    return reasons


def _judge_resource(row: Row) -> list[str]:
    if "buckets" in row.get("type", ""):
        return ["a resource has a capacity in hours per bucket of time, not in tasks at once"]
    if row.get("subcategory", "").startswith("tool"):
        return ["a tool stays with an order over several operations"]
    return []


def _judge_demand(row: Row) -> list[str]:
    if row.get("type", "").endswith("group") and row.get("policy", "independent") != "independent":
        return ["demands are delivered together or in ratio"]
    if row.get("status") == "inquiry":
        return ["a demand is an inquiry, which is not planned there"]
    return []


def _judge_plan(source: Source, row: Row) -> list[str]:
    """A purchase that is sure becomes a receipt, so does an operation under way that holds nothing any more."""
    kind, status = row.get("ordertype", row.get("type", "")), row.get("status", "proposed")
    if kind == "DO" or "origin" in row:
        return ["an order under way moves items between locations"]
    if status == "approved":
        return ["an order under way may still be moved"]
    if status != "confirmed":
        return [] if row.get("sheet") else [f"an order of status {status} stands in the model"]
    operation = row.get("operation", "")
    holds = any(load.get("operation") == operation for load in source.tables["load"])
    draws = any(
        flow.get("operation") == operation and flow.get("quantity", "").startswith("-")
        for flow in source.tables["flow"]
    )
    if kind != "PO" and (holds or draws):
        return ["an order under way holds resources or materials"]
    return []
