"""Readers of the classical formats of scheduling; each returns raw data or refuses, naming what cannot be said."""
