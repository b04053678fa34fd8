"""The tourism domain: its policies are the region's."""
