"""The access session: face evidence, second factor and one access decision. Pure."""
