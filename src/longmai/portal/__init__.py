"""Portal: the web shell that pages of all domains share."""
