"""The journal's files: entries, head and anchor."""
