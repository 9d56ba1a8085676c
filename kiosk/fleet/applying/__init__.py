"""What a kiosk has applied of a scope, and what it may apply."""
