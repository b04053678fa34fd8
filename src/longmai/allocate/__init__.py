"""Allocation engine: exact division of money among claims."""
