"""One numbered migration history for SQLite and PostgreSQL."""
