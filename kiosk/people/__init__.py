"""The people service: who is enrolled and what is agreed with them, with the journal inside."""
