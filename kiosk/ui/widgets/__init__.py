"""The parts of the screen: one indicator, one file."""
