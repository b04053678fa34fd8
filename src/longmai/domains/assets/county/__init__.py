"""A made-up county of assets, built through the services that people use."""
