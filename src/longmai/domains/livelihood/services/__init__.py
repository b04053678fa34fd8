"""Services bought by government from non-profits: catalogue, contracts, delivery, payment, credit."""
