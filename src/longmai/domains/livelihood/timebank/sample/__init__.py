"""Two generated banks, for a house that shows itself."""
