"""Settings: declared, with bounds, and refused if unknown."""
