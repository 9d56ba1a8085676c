"""Simulated devices that obey the rules of real ones."""
