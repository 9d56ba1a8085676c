"""Door drivers. Each releases for a given time and never stays released."""
