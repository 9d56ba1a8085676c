"""Jobs of an admin: making collections, filling them, and comparing them with the metadata."""
