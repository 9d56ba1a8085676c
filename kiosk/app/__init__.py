"""The running kiosk: start, display, reporting and shutdown."""
