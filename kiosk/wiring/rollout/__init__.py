"""The settings that a fleet gives this kiosk: which count, and when it restarts for new ones."""
