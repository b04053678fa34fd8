"""Policies: a file a civil servant reads, run on a case, explained, and replayed years later."""
