"""The assets domain: the two voting laws; its policies so far."""
