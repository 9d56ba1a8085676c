"""The audit journal as the running kiosk writes it, and as people read it."""
