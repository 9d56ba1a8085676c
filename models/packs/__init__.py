"""Model packs: their manifest, their sources, and how they are installed."""
