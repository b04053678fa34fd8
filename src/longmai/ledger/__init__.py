"""Ledger engine: records, Merkle proofs, signed checkpoints, verification and audit."""
