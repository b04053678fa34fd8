"""The register of assets: ledger columns, three rights, workflow of registration, certificates."""
