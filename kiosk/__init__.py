"""Lintel: an on-device kiosk for touchless access."""
