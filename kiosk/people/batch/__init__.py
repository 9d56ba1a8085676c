"""People of a batch, from a file of comma-separated values."""
