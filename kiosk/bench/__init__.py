"""The measurements of `kiosk bench`."""
