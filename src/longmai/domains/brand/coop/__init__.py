"""A co-operative without systems: registered, recorded and labelled in ten minutes."""
