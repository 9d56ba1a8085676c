"""Simulated devices that follow the rules of real ones."""
