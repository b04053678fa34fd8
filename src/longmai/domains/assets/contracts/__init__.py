"""Contracts about assets: rent schedules, receipts, arrears, income spread over its time."""
