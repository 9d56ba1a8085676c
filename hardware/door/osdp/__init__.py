"""OSDP: the kiosk as controller of a device, or as a reader of a panel."""
