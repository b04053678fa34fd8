"""The journal of a collective: balanced vouchers by the codes of its accounting system."""
