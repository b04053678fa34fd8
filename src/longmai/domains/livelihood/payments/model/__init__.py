"""The law of a batch, and files of banks: pure."""
