"""The innovation domain: enterprise grading; its policies so far."""
