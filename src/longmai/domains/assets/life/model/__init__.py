"""Values and rules of an asset's life; pure."""
