"""The keys of a fleet: which there are, and how each is replaced."""
