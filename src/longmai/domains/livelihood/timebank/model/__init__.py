"""Values and rules of the time bank; pure."""
