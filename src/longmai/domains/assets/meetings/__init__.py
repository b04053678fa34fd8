"""Meetings under two laws: called, opened, counted, posted, contested; each act a record."""
