"""Dividends: the year's earnings divided as the charter says, exact to the fen."""
