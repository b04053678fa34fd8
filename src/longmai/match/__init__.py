"""Match engine: search, linkage, assignment. Its room is kept; nothing is built yet."""
