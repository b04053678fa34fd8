"""Accounts: people who sign in, the posts they hold, their sessions and tokens."""
