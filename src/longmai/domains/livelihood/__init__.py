"""The livelihood domain: its policies are the region's."""
