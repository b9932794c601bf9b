"""Keeping orders and all that happens to them: one contract, kept in memory, in SQLite and in PostgreSQL."""
