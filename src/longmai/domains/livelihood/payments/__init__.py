"""Decisions become pay: batches, a second approval, a bank's file, returns, sums that agree."""
