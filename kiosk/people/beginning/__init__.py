"""Who may begin a session at the kiosk, and by what right."""
