"""The fleet at scale: how long people take to a kiosk, and what a kiosk does meanwhile."""
