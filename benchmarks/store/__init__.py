"""How fast the store is, beside plain SQLAlchemy on the same rows."""
