"""Values and rules of the graph; knows no web and no SQL."""
