"""Many people brought into a scope at once: checkpoint, admission and manifest."""
