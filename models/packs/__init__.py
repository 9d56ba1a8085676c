"""Model packs: their manifest, their sources, and their installation."""
