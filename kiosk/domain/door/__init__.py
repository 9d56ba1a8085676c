"""The door: its state machine, and the values that drivers and screen share. Pure."""
