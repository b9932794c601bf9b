"""Reviewing orders: rules that answer with figures, the persons who decide, and the clock they do it by."""
