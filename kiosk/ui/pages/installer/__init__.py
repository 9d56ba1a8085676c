"""The widgets of the installer's page."""
