"""Brand (甘味): from orchard to phone, each step a record that proves itself."""
