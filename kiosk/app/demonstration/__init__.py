"""The demonstration: what a real kiosk decides, and what a real fleet of two passes on."""
