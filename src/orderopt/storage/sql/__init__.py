"""The store on a database: SQLite when it is one's own, PostgreSQL when it is shared."""
