"""The audit journal: recording by the running kiosk, and presentation to readers."""
