"""A service elsewhere that is to know people's faces too, if they agreed to it."""
