"""Store: database, unit of work, column types and the storage of the ledger."""
