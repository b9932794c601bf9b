"""Instances, an independent checker, peers and measurements of the allocation strategies."""
