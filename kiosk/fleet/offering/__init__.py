"""People whom a kiosk knew before it joined a fleet: it offers them, and admins accept them."""
