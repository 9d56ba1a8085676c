"""What a device hands in to its fleet's store, under its own prefix, and who reads it."""
