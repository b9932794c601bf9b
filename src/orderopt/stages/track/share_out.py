"""Sharing out what a supply order gives over its pegs: in their order, and back in reverse."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from orderopt.models.life.quantities import ZERO


def share_out(
    total: Decimal, rooms: Sequence[Decimal], given: Sequence[Decimal], rest: Decimal
) -> tuple[list[Decimal], Decimal]:
    """Return what each place has after the total changed, and the rest that none of them takes.

    What was given stays where it is. More goes to the first places with room, then to the rest; less is taken
    from the rest, then from the last places. As long as the rooms stay the same, the answer depends on the total
    alone and not on the steps that led to it.

    Parameters
    ----------
    total
        What is to be shared out in all, 0 or above.
    rooms
        What each place takes at most.
    given, rest
        What each place, and none, has so far.

    Examples
    --------
    >>> places, rest = share_out(Decimal(12), [Decimal(5), Decimal(4)], [Decimal(0), Decimal(0)], Decimal(0))
    >>> [str(place) for place in places], str(rest)
    (['5', '4'], '3')
    """
    places = list(given)
    change = total - sum(places, rest)
    if change >= 0:
        for index, room in enumerate(rooms):
            more = min(change, max(ZERO, room - places[index]))
            places[index] += more
            change -= more
        return places, rest + change
    less = min(rest, -change)
    rest, owed = rest - less, -change - less
    for index in reversed(range(len(places))):
        back = min(owed, places[index])
        places[index] -= back
        owed -= back
    return places, rest
