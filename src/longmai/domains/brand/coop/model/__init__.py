"""Values of a co-operative: its numbers, the outline of a plot, lots and what is left of them."""
