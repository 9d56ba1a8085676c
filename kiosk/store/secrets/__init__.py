"""Keys, and small files that only a key can write."""
