"""Checks of rules before they meet people: tables, conditions, cliffs, exclusions, versions."""
