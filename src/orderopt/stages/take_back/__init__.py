"""Goods that come back, until they are in the house; what becomes of the claim is settled elsewhere."""
