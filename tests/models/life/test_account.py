"""Accounts: what is open is what was posted less what was let off, whatever happens in between."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderopt.errors import MoneyError
from orderopt.models.life.account import Account, ItemKind, OpenItem, PartyKind
from orderopt.models.life.document import Stamp, pack, unpack
from orderopt.models.life.happened.account import AccountOpened, ItemLetOff, ItemPosted, ItemsMatched, Move

STAMP = Stamp(datetime(2026, 1, 5, tzinfo=UTC), "fay", "finance")


def build_item(ref, amount, *, currency="EUR", rate="1", due=date(2026, 2, 1)):
    kind = ItemKind.INVOICE if Decimal(amount) > 0 else ItemKind.PAYMENT
    return OpenItem(
        ref=ref,
        kind=kind,
        issued_on=date(2026, 1, 5),
        due_on=due,
        currency=currency,
        rate=Decimal(rate),
        amount=Decimal(amount),
        open=Decimal(amount),
    )


def build_account(*items):
    account = AccountOpened(party=PartyKind.CUSTOMER, party_id="C1", currency="EUR").apply(None, STAMP)
    for item in items:
        account = ItemPosted(item=item).apply(account, STAMP).check()
    return account


def test_a_payment_lowers_the_receivable_before_it_is_allocated():
    account = build_account(build_item("I-1", "100.00"), build_item("P-1", "-30.00"))
    assert account.key == "customer:C1"
    assert account.receivable == Decimal("70.00")
    assert [item.ref for item in account.credits] == ["P-1"]


def test_items_in_another_currency_count_at_the_rate_of_their_day():
    account = build_account(build_item("I-1", "100.00"), build_item("I-2", "10.00", currency="USD", rate="0.915"))
    assert account.receivable == Decimal("109.15")


def test_a_settled_item_leaves_the_account_and_comes_back_when_the_match_is_taken_back():
    bill, paid = build_item("I-1", "100.00"), build_item("P-1", "-100.00")
    account = build_account(bill, paid)
    match = ItemsMatched(moves=(Move(item=bill, change=Decimal("-100.00")), Move(item=paid, change=Decimal("100.00"))))
    settled = match.apply(account, STAMP).check()
    assert settled.items == ()
    undo = ItemsMatched(moves=(Move(item=bill, change=Decimal("100.00")), Move(item=paid, change=Decimal("-100.00"))))
    assert undo.apply(settled, STAMP).check().balance == 0


def test_more_cannot_be_matched_than_is_open():
    bill, paid = build_item("I-1", "50.00"), build_item("P-1", "-100.00")
    match = ItemsMatched(moves=(Move(item=bill, change=Decimal("-60.00")), Move(item=paid, change=Decimal("60.00"))))
    with pytest.raises(MoneyError, match="less than nothing, would be open of I-1"):
        match.apply(build_account(bill, paid), STAMP).check()


def test_a_match_that_creates_money_is_refused():
    bill, paid = build_item("I-1", "50.00"), build_item("P-1", "-100.00")
    match = ItemsMatched(moves=(Move(item=bill, change=Decimal("-50.00")), Move(item=paid, change=Decimal("40.00"))))
    with pytest.raises(MoneyError, match="not what the ledger says"):
        match.apply(build_account(bill, paid), STAMP).check()


def test_prices_are_stored_apart_and_come_back():
    account = build_account(build_item("I-1", "100.00"))
    text, apart = pack(account)
    assert "100" not in text
    assert unpack(Account, text, apart) == account


@given(st.lists(st.decimals(-500, 500, places=2).filter(bool), max_size=8), st.data())
def test_the_balance_is_the_sum_of_the_ledger(amounts, data):
    items = [build_item(f"X-{number}", amount) for number, amount in enumerate(amounts)]
    account = build_account(*items)
    for credit in account.credits:
        for debit in account.debits:
            most = min(debit.open, -account.open_of(credit.ref))
            used = data.draw(st.decimals(0, most, places=2)) if most else Decimal(0)
            moves = (Move(item=debit, change=-used), Move(item=credit, change=used))
            account = ItemsMatched(moves=moves).apply(account, STAMP).check() if used else account
    let_off = Decimal(0)
    for debit in account.debits:
        account = ItemLetOff(item=debit, written_off=debit.open).apply(account, STAMP).check()
        let_off += debit.open
    assert account.balance == sum(amounts, Decimal(0)) - let_off
    assert not account.debits
