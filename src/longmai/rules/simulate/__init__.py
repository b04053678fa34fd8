"""What-if: a policy with changes over a population: who gains, who loses, the cost, how sure."""
