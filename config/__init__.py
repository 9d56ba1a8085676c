"""Settings: declared, bounded, and refused when unknown."""
