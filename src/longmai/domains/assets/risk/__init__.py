"""Risks of contracts: warnings by rule, each with its clause and evidence, and what was done."""
