"""What an admin does for the kiosk from outside, or at its screen."""
