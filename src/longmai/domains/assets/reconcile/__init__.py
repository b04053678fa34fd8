"""Four books held against each other: the ledger, contracts, receipts, inventories."""
