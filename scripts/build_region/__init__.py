"""Builds a region pack from published packages: ``python -m scripts.build_region``."""
