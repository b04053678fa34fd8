"""FEEL, the Friendly Enough Expression Language of DMN 1.5: parsed once, evaluated often."""
