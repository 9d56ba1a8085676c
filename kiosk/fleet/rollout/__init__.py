"""Settings and models that a fleet gives its kiosks, ring by ring."""
