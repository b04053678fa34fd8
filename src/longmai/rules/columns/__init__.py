"""The same rules over whole tables: FEEL and DMN to columns, and columns to SQL."""
