"""Work that a running kiosk has done by another process, so that it goes on looking at frames."""
