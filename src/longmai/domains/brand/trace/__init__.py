"""The graph of batches: what became of what, held as edges, and what the way says of quality."""
