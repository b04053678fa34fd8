"""Meetings under two laws: convened, opened, voted, counted, posted, contested; each act a record."""
