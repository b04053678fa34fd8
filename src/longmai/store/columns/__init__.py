"""Databases that run rules over whole tables: DuckDB here, PostgreSQL and Spark where they are."""
