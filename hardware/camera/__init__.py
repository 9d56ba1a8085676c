"""Cameras: each adapter yields frames stamped with the time of their capture."""
