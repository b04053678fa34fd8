"""A sample province: households of made-up people, and departments' files about them."""
