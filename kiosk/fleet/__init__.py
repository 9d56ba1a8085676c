"""The fleet: several kiosks that share people and settings through one object store."""
