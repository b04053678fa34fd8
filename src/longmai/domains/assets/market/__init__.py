"""The transfer market: operating rights offered, bid for, and awarded."""
