"""What devices report to their fleet, for its admins to read."""
