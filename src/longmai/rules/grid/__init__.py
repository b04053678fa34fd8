"""Decision tables as people write them, a grid of text or a spreadsheet: read, written, checked."""
