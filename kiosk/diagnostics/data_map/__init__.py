"""The data map: what lies in a home and in a fleet's store, and what must not lie there (R67)."""
