"""Frames, faces and what is measured of them. Pure."""
