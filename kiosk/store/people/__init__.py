"""The encrypted database of enrolled people."""
