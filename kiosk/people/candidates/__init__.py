"""Candidates for people to look at: whom a photograph might show. None of it reaches a door."""
