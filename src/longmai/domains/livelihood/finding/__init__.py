"""The policy finds the person: everybody by all policies, every night, and nobody left out."""
