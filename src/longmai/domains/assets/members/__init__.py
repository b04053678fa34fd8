"""Members of a collective: households, capacity, offices, kin, shares; the roll that meetings ask."""
