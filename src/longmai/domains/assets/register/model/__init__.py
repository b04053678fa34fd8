"""Values and rules of the register; pure."""
