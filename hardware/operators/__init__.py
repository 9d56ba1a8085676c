"""Channels for operator orders, and the verification of their signatures."""
