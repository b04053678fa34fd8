"""Rules engine: FEEL expressions and DMN models, read, run and explained."""
