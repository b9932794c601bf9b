"""Strategies that place tasks on resources in time."""
