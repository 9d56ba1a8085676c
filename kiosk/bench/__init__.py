"""What `kiosk bench` runs and measures."""
