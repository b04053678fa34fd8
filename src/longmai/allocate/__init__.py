"""Allocate engine: routes, sites, portfolios. Its room is kept; nothing is built yet."""
