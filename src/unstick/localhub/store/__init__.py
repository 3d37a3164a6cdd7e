"""What the local Hub remembers: one database, SQLite or PostgreSQL, through one code path."""
