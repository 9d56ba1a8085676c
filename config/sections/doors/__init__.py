"""Settings of the door drivers, one section per driver."""
