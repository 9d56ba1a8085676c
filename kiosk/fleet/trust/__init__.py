"""Trust in the fleet: The Update Framework's metadata in a store, and whose keys sign it."""
