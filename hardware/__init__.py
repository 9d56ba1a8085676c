"""Cameras and doors, real and simulated."""
