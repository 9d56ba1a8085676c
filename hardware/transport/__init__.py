"""Connections shared by doors and operators."""
