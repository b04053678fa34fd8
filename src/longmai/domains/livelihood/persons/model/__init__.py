"""What a department's file and a person's profile are: pure values and rules."""
