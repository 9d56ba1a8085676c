"""A running kiosk: started, shown, reported and ended."""
