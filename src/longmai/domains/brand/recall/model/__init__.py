"""Values and rules of recalls; knows no web and no SQL."""
