"""Rewriting of weights for a faster runtime: what is computed stays, how it is stored changes."""
