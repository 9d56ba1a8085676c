"""What a fleet has published and what it would publish: verified, compared, and put in words."""
