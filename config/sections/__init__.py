"""The sections of the settings, one per file."""
