"""Changing orders: requests, impact, approvals, one atomic apply, dispositions and notices; cancelling them."""
