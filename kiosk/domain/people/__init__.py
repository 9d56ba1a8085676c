"""Enrolled people: consent, references, and the rules that govern their access. Pure."""
