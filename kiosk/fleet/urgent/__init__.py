"""Notices over AWS's queues that a fleet has something new; no trust and no content."""
