"""Enrolled people: consent, references, and the rules of when each may pass. Pure."""
