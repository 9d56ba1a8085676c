"""Ways in which an operator's orders arrive, and how their signatures are checked."""
