"""Queries over EPCIS events: their parameters (EPCIS 2.0 §8.2.7) and what of an event they ask."""
