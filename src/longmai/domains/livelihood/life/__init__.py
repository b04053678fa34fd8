"""What policies mean for a family and for a life: questions without an account, a timeline."""
