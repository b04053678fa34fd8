"""The law of a case: pure."""
