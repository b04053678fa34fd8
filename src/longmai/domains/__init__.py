"""Domains: one folder a field of public life, all of one shape."""
