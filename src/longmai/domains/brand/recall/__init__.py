"""Recalls: what a lot became, who holds it, who is told, and the proof that none was left out."""
