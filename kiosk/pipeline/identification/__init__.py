"""Identification as a stage: of single frames, or of runs."""
