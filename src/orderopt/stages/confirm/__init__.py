"""Confirming orders: what can be promised, what is kept for it, and how it is set free again."""
