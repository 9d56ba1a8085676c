"""A relay on a GPIO line."""
