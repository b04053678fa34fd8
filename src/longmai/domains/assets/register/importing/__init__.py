"""Reads the ledger workbook that a county has: as ugly as it comes, row by row."""
