"""One section of the settings, one file."""
