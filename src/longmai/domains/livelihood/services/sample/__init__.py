"""A sample contract, from the catalogue to its payment."""
