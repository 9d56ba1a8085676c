"""Doors: each adapter releases for a given time and never stays released."""
