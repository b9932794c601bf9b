"""Backups: one file format for every database, proved when it is written and when it is restored."""
