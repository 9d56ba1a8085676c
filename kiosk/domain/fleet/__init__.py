"""What a fleet of kiosks agrees on: statements about people, and in which order they count."""
