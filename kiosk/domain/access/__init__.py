"""The access session: evidence of a face, the second factor, and one decision. Pure."""
