"""Connections that doors and operators share."""
