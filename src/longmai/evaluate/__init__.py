"""Evaluate engine: effects of policies. Its room is kept; nothing is built yet."""
