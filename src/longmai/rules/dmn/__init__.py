"""DMN 1.2 to 1.5: decision models read, checked and run."""
