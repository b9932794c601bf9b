"""Goods that leave and goods that come back: packing, shipments, carriers, returns."""
