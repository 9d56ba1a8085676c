"""The events that a journal records, each a class with its details and its sentence."""
