"""Members of a collective: households, capacity, offices, kin, shares."""
