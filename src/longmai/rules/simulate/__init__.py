"""What-if: a policy with changes, over a population: who wins, who loses, what it costs, how sure."""
