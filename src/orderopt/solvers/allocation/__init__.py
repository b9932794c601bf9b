"""Strategies that choose who serves which order line."""
