"""Acts by which a person answers: what they look like, and what is none."""
