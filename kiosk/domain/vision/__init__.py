"""Frames, faces and their measurements. Pure."""
