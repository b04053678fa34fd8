"""Kernel: errors, money, time, IDs, regions, languages, settings. Imports nothing of ours."""
