"""The urgent channel of a fleet that the settings name: heard by a kiosk, told by a publisher."""
