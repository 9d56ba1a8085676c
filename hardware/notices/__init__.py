"""Notices that there is something new: only a reason to look, which carries no content."""
