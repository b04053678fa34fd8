"""Questions for a family, and the course of a life: pure."""
