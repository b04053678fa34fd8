"""Sense engine: classify, group, warn, forecast, index. Its room is kept; nothing is built yet."""
