"""What happens to accounts: items posted, matched with each other, let off, disputed."""

from __future__ import annotations

from orderopt.models.life.account import Account, OpenItem, PartyKind
from orderopt.models.life.amounts import ZERO, Currency, Price, known
from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.part import Part
from orderopt.models.record import Id


class AccountOpened(Payload):
    """The first dealing with a customer or supplier; an opening balance is posted as an item."""

    party: PartyKind
    party_id: Id
    currency: Currency

    def apply(self, document: Account | None, stamp: Stamp) -> Account:
        """Begin the account."""
        return Account(party=self.party, party_id=self.party_id, currency=self.currency)


class ItemPosted(Payload):
    """A document or a settled payment was entered."""

    item: OpenItem

    def apply(self, document: Account, stamp: Stamp) -> Account:
        """Add it to the open items and to the sums."""
        return document.posted(self.item)


class ItemWithdrawn(Payload):
    """A payment turned out to be none: it is taken off the account again."""

    ref: Id

    def apply(self, document: Account, stamp: Stamp) -> Account:
        """Remove it from the open items and from the sums."""
        return document.withdrawn(self.ref)


class Move(Part):
    """By how much what is open of an item changes; the item as it was posted, so that it can come back."""

    item: OpenItem
    change: Price


class ItemsMatched(Payload):
    """A credit was used for what is owed, or such a match was taken back; the changes sum to 0."""

    moves: tuple[Move, ...]

    def apply(self, document: Account, stamp: Stamp) -> Account:
        """Change what is open on both sides."""
        for move in self.moves:
            document = document.moved(move.item, known(move.change))
        return document


class ItemLetOff(Payload):
    """A part of an item will not be paid: early payment discount or write-off; below 0 it is taken back."""

    item: OpenItem
    discounted: Price = ZERO
    written_off: Price = ZERO

    def apply(self, document: Account, stamp: Stamp) -> Account:
        """Lower what is open and say so in the sums."""
        return document.let_off(self.item, discounted=known(self.discounted), written_off=known(self.written_off))


class ItemDisputed(Payload):
    """How much of an open item is contested from now on."""

    ref: Id
    disputed: Price

    def apply(self, document: Account, stamp: Stamp) -> Account:
        """Mark the item."""
        mine = document.item(self.ref).model_copy(update={"disputed": self.disputed})
        return document.model_copy(
            update={"items": tuple(mine if item.ref == self.ref else item for item in document.items)}
        )
