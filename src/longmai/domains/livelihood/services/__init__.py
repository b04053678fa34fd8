"""Services that government buys from non-profits."""
