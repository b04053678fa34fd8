"""Values and rules of contracts: pure."""
