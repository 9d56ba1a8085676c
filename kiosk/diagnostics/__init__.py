"""The checks of `kiosk doctor` and of the installer's page."""
