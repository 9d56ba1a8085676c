"""Keys, and small files that can be written only with a key."""
