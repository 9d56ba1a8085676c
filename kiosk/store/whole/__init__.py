"""What is done to a home as a whole: backup and restoration, a new key, a database begun anew."""
