"""Questions that much fits are answered by walking along the order; they are answered alike."""

from __future__ import annotations

import orderopt.storage.sql.find as find
from orderopt.testing.histories import build_write


def test_both_ways_give_the_same_answer(sql_store, monkeypatch):
    sql_store.append(
        [
            build_write(f"order/{n:03}", labels={"open": str(int(n % 3 > 0)), "due": f"{(n * 37) % 50:03}"})
            for n in range(120)
        ]
    )
    asked = {"where": {"open": "1"}, "order_by": "due", "limit": 20}
    sorted_way = sql_store.find("order", **asked)
    monkeypatch.setattr(find, "_MUCH", 10)
    walked = sql_store.find("order", **asked)
    assert walked == sorted_way
    assert len(walked) == 20
    assert sql_store.find("order", {"open": "7"}, order_by="due", limit=5) == []
