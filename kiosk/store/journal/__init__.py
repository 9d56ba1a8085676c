"""The journal's files: entries, head, anchor."""
