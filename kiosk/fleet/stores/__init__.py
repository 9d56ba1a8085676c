"""The object stores of a fleet: one port, and an adapter for each kind of store."""
