"""What a kiosk says to its fleet of the people who come and go at it."""
